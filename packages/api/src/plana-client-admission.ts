import { type Cause, forbidden, taken } from './cause.ts'
import { conditionStatus } from './condition-column.ts'
import { entitlementsOf } from './entitlements.ts'
import { apiVersion } from './group.ts'
import type { Admission } from './kind.ts'
import { clientLabel, environmentResourceName, slugLabel } from './names.ts'
import type { KubeObject } from './object.ts'
import { textAt, valueAt } from './record.ts'

/** Condition of a TenantUpgrade whose database has been upgraded and verified: the version may now follow. */
export const upgradeVerified = 'Verified'

/** Rules of a PLANAClient that look at its environments and upgrades. */
export const planaClientAdmission: Admission = {
  requires: ({ metadata: { name } }) => ({
    environments: { apiVersion, kind: 'TenantEnvironment', labels: { [clientLabel]: name } },
    // prod of a deleted client of that name, whose data is not yet put away.
    leftover: {
      apiVersion,
      kind: 'TenantEnvironment',
      name: environmentResourceName(name, 'prod'),
    },
    upgrades: { apiVersion, kind: 'TenantUpgrade', labels: { [slugLabel]: name } },
  }),

  validate: (client, old, { environments = [], leftover = [], upgrades = [] }) => [
    ...(old === undefined && leftover.length > 0 ? [taken('spec.subdomain')] : []),
    ...environmentCauses(client, environments),
    ...versionCauses(client, old, upgrades),
  ],
}

function environmentCauses(
  client: KubeObject,
  environments: readonly KubeObject[],
): readonly Cause[] {
  const tier = valueAt(client, 'spec.tier')
  const allowed = entitlementsOf(tier)?.maxEnvironments
  const living = environments.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  if (allowed === undefined || living.length <= allowed) return []
  return [
    forbidden(
      'spec.tier',
      `tier ${tier} has ${count(allowed)}, and there are ${living.length}: delete what is too many first`,
    ),
  ]
}

function count(environments: number): string {
  return environments === 1 ? 'one environment' : `${environments} environments`
}

/** Another binary on a database that was not upgraded destroys it. */
export function versionCauses(
  object: KubeObject,
  old: KubeObject | undefined,
  upgrades: readonly KubeObject[],
): readonly Cause[] {
  const from = textAt(old, 'spec.odooVersion')
  const to = textAt(object, 'spec.odooVersion')
  if (from === undefined || from === to) return []
  const upgraded = upgrades.some(
    (upgrade) =>
      textAt(upgrade, 'spec.fromVersion') === from &&
      textAt(upgrade, 'spec.toVersion') === to &&
      conditionStatus(upgrade, upgradeVerified) === 'True',
  )
  return upgraded ? [] : [forbidden('spec.odooVersion', 'is changed only by a TenantUpgrade')]
}
