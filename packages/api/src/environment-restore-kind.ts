import { type Cause, forbidden, invalid, notFound, required, taken } from './cause.ts'
import { readyColumn, syncedColumn } from './condition-column.ts'
import { entitlementsOf } from './entitlements.ts'
import { environmentRestoreSpec, environmentRestoreStatus } from './environment-restore.ts'
import { fieldColumn } from './field-column.ts'
import { apiVersion } from './group.ts'
import type { Admission, KindDefinition } from './kind.ts'
import { environmentResourceName, parseEnvironmentResourceName } from './names.ts'
import type { KubeObject } from './object.ts'
import { ownKind } from './own-kind.ts'
import { textAt, valueAt } from './record.ts'

const columns = [
  fieldColumn({ name: 'Environment', path: 'spec.environment', description: 'Whose backup.' }),
  fieldColumn({ name: 'Backup', path: 'spec.backup', description: 'Time, or latest.' }),
  fieldColumn({ name: 'Mode', path: 'spec.mode', description: 'clone or in-place.' }),
  syncedColumn,
  readyColumn,
]

export function environmentRestoreKind(): KindDefinition {
  return ownKind({
    kind: 'EnvironmentRestore',
    plural: 'environmentrestores',
    singular: 'environmentrestore',
    shortNames: ['restore', 'restores'],
    description: 'The return of a backup: beside its environment, or in its place.',
    spec: environmentRestoreSpec,
    status: environmentRestoreStatus,
    columns,
    immutable: ['spec'],
    selectableFields: ['spec.environment', 'spec.mode'],
    rules: modeCauses,
    admission,
  })
}

/** What each mode needs, and what would have no meaning in it. */
function modeCauses(restore: KubeObject): readonly Cause[] {
  const target = valueAt(restore, 'spec.target')
  const accepted = valueAt(restore, 'spec.acceptDataLoss') === true
  switch (valueAt(restore, 'spec.mode')) {
    case 'clone':
      return [
        ...(target === undefined ? [required('spec.target', 'is required for mode clone')] : []),
        ...(target === 'prod' ? [invalid('spec.target', 'must not be prod')] : []),
        ...(accepted
          ? [invalid('spec.acceptDataLoss', 'must be false for mode clone, which loses nothing')]
          : []),
      ]
    case 'in-place':
      return [
        ...(target === undefined ? [] : [forbidden('spec.target', 'is for mode clone only')]),
        ...(accepted
          ? []
          : [
              invalid(
                'spec.acceptDataLoss',
                'must be true for mode in-place: what was written since the backup is lost',
              ),
            ]),
      ]
    default:
      return []
  }
}

const admission: Admission = {
  requires: (restore) => ({
    environment: {
      apiVersion,
      kind: 'TenantEnvironment',
      name: textAt(restore, 'spec.environment') ?? '',
    },
    client: { apiVersion, kind: 'PLANAClient', name: clientOf(restore) },
    target: {
      apiVersion,
      kind: 'TenantEnvironment',
      name: environmentResourceName(clientOf(restore), textAt(restore, 'spec.target') ?? ''),
    },
  }),
  validate: (restore, old, { environment = [], client = [], target = [] }) => {
    if (old !== undefined) return []
    return valueAt(restore, 'spec.mode') === 'in-place'
      ? livingCauses(environment[0])
      : cloneCauses(client[0], target)
  },
}

function clientOf(restore: KubeObject): string {
  return parseEnvironmentResourceName(textAt(restore, 'spec.environment') ?? '')?.client ?? ''
}

function livingCauses(environment: KubeObject | undefined): readonly Cause[] {
  if (environment === undefined) {
    return [notFound('spec.environment', 'must be an existing TenantEnvironment')]
  }
  return environment.metadata.deletionTimestamp === undefined
    ? []
    : [forbidden('spec.environment', 'is being deleted')]
}

/** A clone is one more environment of the client; the one whose backup it is may be gone already. */
function cloneCauses(
  client: KubeObject | undefined,
  target: readonly KubeObject[],
): readonly Cause[] {
  if (client === undefined || client.metadata.deletionTimestamp !== undefined) {
    return [notFound('spec.environment', 'must be of an existing PLANAClient')]
  }
  const tier = valueAt(client, 'spec.tier')
  return [
    ...(entitlementsOf(tier)?.maxEnvironments === 1
      ? [
          forbidden(
            'spec.mode',
            `tier ${tier} has one environment: a clone needs tier pro or above`,
          ),
        ]
      : []),
    ...(target.length > 0 ? [taken('spec.target')] : []),
  ]
}
