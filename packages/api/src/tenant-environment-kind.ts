import { type Cause, invalid } from './cause.ts'
import { readyColumn, syncedColumn } from './condition-column.ts'
import { fieldColumn } from './field-column.ts'
import { teardownFinalizer } from './finalizer.ts'
import type { KindDefinition, UniqueName } from './kind.ts'
import type { KindOptions } from './kind-options.ts'
import { hostnameLabelCauses } from './label-rules.ts'
import { clientLabel, type Domains, environmentLabel, environmentResourceName } from './names.ts'
import type { KubeObject } from './object.ts'
import { ownKind } from './own-kind.ts'
import { textAt, type UnknownRecord } from './record.ts'
import { tenantEnvironmentSpec, tenantEnvironmentStatus } from './tenant-environment.ts'
import { tenantEnvironmentAdmission } from './tenant-environment-admission.ts'
import { sourceCauses } from './tenant-environment-source.ts'

const columns = [
  fieldColumn({ name: 'Client', path: 'spec.client', description: 'Customer.' }),
  fieldColumn({ name: 'Version', path: 'spec.odooVersion', description: 'Odoo major.' }),
  fieldColumn({ name: 'Hosting', path: 'spec.hosting', description: 'Pool or instance.' }),
  fieldColumn({
    name: 'Namespace',
    path: 'status.namespace',
    description: 'Where the workers run.',
    wide: true,
  }),
  fieldColumn({
    name: 'Database',
    path: 'status.database',
    description: 'Name of the database.',
    wide: true,
  }),
  syncedColumn,
  readyColumn,
  fieldColumn({ name: 'URL', path: 'status.url', description: 'Address.' }),
]

export function tenantEnvironmentKind({ domains, reservedLabels }: KindOptions): KindDefinition {
  return ownKind({
    kind: 'TenantEnvironment',
    plural: 'tenantenvironments',
    singular: 'tenantenvironment',
    shortNames: ['env', 'envs'],
    description: 'One Odoo of a customer: database, filestore, workers and routes.',
    spec: tenantEnvironmentSpec,
    status: tenantEnvironmentStatus,
    columns,
    immutable: ['spec.client', 'spec.name', 'spec.hosting', 'spec.source', 'spec.neutralise'],
    selectableFields: ['spec.client', 'spec.name', 'spec.odooVersion'],
    deriveSpec,
    labels: ({ client }): Readonly<Record<string, string>> =>
      typeof client === 'string' ? { [clientLabel]: client } : {},
    finalizer: teardownFinalizer,
    rules: (object) => [
      ...nameCauses(object),
      ...labelCauses(object, reservedLabels),
      ...sourceCauses(object),
    ],
    admission: tenantEnvironmentAdmission,
    uniqueNames: (object) => uniqueNames(object, domains),
  })
}

function deriveSpec(spec: UnknownRecord): UnknownRecord {
  return {
    ...spec,
    source: spec.source ?? { template: { edition: 'basic' } },
    neutralise: spec.neutralise ?? spec.name !== 'prod',
  }
}

function nameCauses({ metadata, spec }: KubeObject): readonly Cause[] {
  const client = textAt(spec, 'client')
  const name = textAt(spec, 'name')
  if (client === undefined || name === undefined) return []
  const resource = environmentResourceName(client, name)
  return metadata.name === resource
    ? []
    : [invalid('metadata.name', `must be {client}-{name}, "${resource}"`)]
}

/** Of prod the client's own rules have said all there is to say. */
function labelCauses(object: KubeObject, reservedLabels: readonly string[]): readonly Cause[] {
  const client = textAt(object, 'spec.client')
  const name = textAt(object, 'spec.name')
  if (client === undefined || name === undefined || name === 'prod') return []
  return hostnameLabelCauses(environmentLabel(client, name), 'spec.name', reservedLabels)
}

/** prod claims nothing: its client holds the names. */
function uniqueNames(object: KubeObject, domains: Domains): readonly UniqueName[] {
  const client = textAt(object, 'spec.client')
  const name = textAt(object, 'spec.name')
  if (client === undefined || name === undefined || name === 'prod') return []
  const label = environmentLabel(client, name)
  return [
    { value: `label:${label}`, field: 'spec.name' },
    { value: `host:${label}.${domains.dev}`, field: 'spec.name' },
  ]
}
