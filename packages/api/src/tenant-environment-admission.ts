import { type Cause, forbidden, invalid, notFound, taken } from './cause.ts'
import { brokenResourcesRule, entitlementsOf } from './entitlements.ts'
import { apiVersion } from './group.ts'
import type { Admission } from './kind.ts'
import { clientLabel, environmentLabel, environmentResourceName, slugLabel } from './names.ts'
import type { KubeObject } from './object.ts'
import { versionCauses } from './plana-client-admission.ts'
import { textAt, valueAt } from './record.ts'
import { copiedEnvironment } from './tenant-environment-source.ts'

/** Rules of a TenantEnvironment that look at its client, its siblings and what it copies. */
export const tenantEnvironmentAdmission: Admission = {
  requires: (environment) => {
    const client = textAt(environment, 'spec.client') ?? ''
    const copied = copiedEnvironment(environment)
    return {
      client: { apiVersion, kind: 'PLANAClient', name: client },
      siblings: { apiVersion, kind: 'TenantEnvironment', labels: { [clientLabel]: client } },
      // Its label may still be in use by prod of a client that is being deleted.
      namesake: {
        apiVersion,
        kind: 'TenantEnvironment',
        name: environmentResourceName(labelOf(environment), 'prod'),
      },
      upgrades: {
        apiVersion,
        kind: 'TenantUpgrade',
        labels: { [slugLabel]: labelOf(environment) },
      },
      ...(copied === undefined
        ? {}
        : { copied: { apiVersion, kind: 'TenantEnvironment', name: copied.name } }),
    }
  },

  validate: (environment, old, { client = [], siblings = [], namesake = [], ...others }) => {
    const { upgrades = [], copied = [] } = others
    const isNew = old === undefined
    return [
      ...(isNew ? clientCauses(client[0]) : []),
      ...(isNew ? entitlementCauses(environment, client[0], siblings) : []),
      ...(isNew && namesake.length > 0 ? [taken('spec.name')] : []),
      ...(isNew ? copyCauses(environment, copied[0]) : []),
      ...resourcesCauses(environment, client[0]),
      ...versionCauses(environment, old, upgrades),
    ]
  },
}

function labelOf(environment: KubeObject): string {
  return environmentLabel(
    textAt(environment, 'spec.client') ?? '',
    textAt(environment, 'spec.name') ?? '',
  )
}

function clientCauses(client: KubeObject | undefined): readonly Cause[] {
  if (client === undefined) return [notFound('spec.client', 'must be an existing PLANAClient')]
  return client.metadata.deletionTimestamp === undefined
    ? []
    : [forbidden('spec.client', 'is being deleted')]
}

function entitlementCauses(
  environment: KubeObject,
  client: KubeObject | undefined,
  siblings: readonly KubeObject[],
): readonly Cause[] {
  const tier = valueAt(client, 'spec.tier')
  const allowed = entitlementsOf(tier)?.maxEnvironments
  if (allowed === undefined) return []
  const others = siblings.filter(
    ({ metadata }) =>
      metadata.deletionTimestamp === undefined && metadata.name !== environment.metadata.name,
  )
  // prod always comes, so with one environment allowed there is no room for another, whichever is made first.
  const room = allowed === 1 ? textAt(environment, 'spec.name') === 'prod' : others.length < allowed
  if (room) return []
  return [
    forbidden(
      'spec.name',
      allowed === 1
        ? `tier ${tier} has the environment prod only: a second one needs tier pro or above`
        : `tier ${tier} has at most ${allowed} environments`,
    ),
  ]
}

function copyCauses(environment: KubeObject, copied: KubeObject | undefined): readonly Cause[] {
  const source = copiedEnvironment(environment)
  if (source === undefined) return []
  // A backup may outlive its environment: whether there is one is found out by the task.
  if (copied === undefined) {
    return source.field === 'spec.source.environment.name'
      ? [notFound(source.field, 'must be an existing TenantEnvironment')]
      : []
  }
  const version = textAt(copied, 'spec.odooVersion')
  return version === textAt(environment, 'spec.odooVersion')
    ? []
    : [invalid('spec.odooVersion', `must be ${version}, that of the copied environment`)]
}

function resourcesCauses(
  environment: KubeObject,
  client: KubeObject | undefined,
): readonly Cause[] {
  const broken = brokenResourcesRule(
    valueAt(client, 'spec.tier'),
    valueAt(environment, 'spec.hosting'),
    valueAt(environment, 'spec.resources'),
  )
  return broken === undefined ? [] : [invalid('spec.resources', broken)]
}
