import { type Cause, forbidden, invalid, notFound } from './cause.ts'
import { readyColumn, syncedColumn } from './condition-column.ts'
import { fieldColumn } from './field-column.ts'
import { apiVersion } from './group.ts'
import type { Admission, KindDefinition } from './kind.ts'
import { environmentLabel, environmentsOfLabel, odooMajors, slugLabel } from './names.ts'
import type { KubeObject } from './object.ts'
import { ownKind } from './own-kind.ts'
import { textAt } from './record.ts'
import { tenantUpgradeSpec, tenantUpgradeStatus } from './tenant-upgrade.ts'

const columns = [
  fieldColumn({ name: 'Slug', path: 'spec.slug', description: 'Label of the environment.' }),
  fieldColumn({ name: 'From', path: 'spec.fromVersion', description: 'Odoo major before.' }),
  fieldColumn({ name: 'To', path: 'spec.toVersion', description: 'Odoo major after.' }),
  fieldColumn({ name: 'Strategy', path: 'spec.strategy', description: 'How.', wide: true }),
  fieldColumn({ name: 'Phase', path: 'status.phase', description: 'Step that runs now.' }),
  syncedColumn,
  readyColumn,
]

export function tenantUpgradeKind(): KindDefinition {
  return ownKind({
    kind: 'TenantUpgrade',
    plural: 'tenantupgrades',
    singular: 'tenantupgrade',
    shortNames: ['upgrade', 'upgrades'],
    description: 'New code, or the next Odoo major, for one environment.',
    spec: tenantUpgradeSpec,
    status: tenantUpgradeStatus,
    columns,
    immutable: ['spec'],
    selectableFields: ['spec.slug'],
    labels: ({ slug }): Readonly<Record<string, string>> =>
      typeof slug === 'string' ? { [slugLabel]: slug } : {},
    rules: versionCauses,
    admission,
  })
}

/** Odoo's databases go up one major at a time, and never down. */
function versionCauses(upgrade: KubeObject): readonly Cause[] {
  const from = majorIndex(textAt(upgrade, 'spec.fromVersion'))
  const to = majorIndex(textAt(upgrade, 'spec.toVersion'))
  const strategy = textAt(upgrade, 'spec.strategy')
  if (from === -1 || to === -1) return []
  if (to < from) return [invalid('spec.toVersion', 'must not be older than spec.fromVersion')]
  if (to > from + 1) {
    return [
      invalid('spec.toVersion', `must be one major above at most, ${odooMajors[from + 1]}`),
      ...strategyCauses(strategy, false),
    ]
  }
  return strategyCauses(strategy, from === to)
}

function majorIndex(version: string | undefined): number {
  return odooMajors.map(String).indexOf(version ?? '')
}

function strategyCauses(strategy: string | undefined, sameMajor: boolean): readonly Cause[] {
  if (strategy === 'same-major' && !sameMajor) {
    return [invalid('spec.strategy', 'must be snapshot-then-upgrade for another major')]
  }
  if (strategy === 'snapshot-then-upgrade' && sameMajor) {
    return [invalid('spec.strategy', 'must be same-major for the same major')]
  }
  return []
}

const admission: Admission = {
  requires: (upgrade) => {
    const [prod = '', other = ''] = environmentsOfLabel(textAt(upgrade, 'spec.slug') ?? '')
    return {
      prod: { apiVersion, kind: 'TenantEnvironment', name: prod },
      other: { apiVersion, kind: 'TenantEnvironment', name: other },
    }
  },
  validate: (upgrade, old, { prod = [], other = [] }) => {
    if (old !== undefined) return []
    const slug = textAt(upgrade, 'spec.slug')
    const environment = [...prod, ...other].find(
      ({ spec }) =>
        environmentLabel(textAt(spec, 'client') ?? '', textAt(spec, 'name') ?? '') === slug,
    )
    if (environment === undefined) {
      return [notFound('spec.slug', 'must be the label of an existing environment')]
    }
    if (environment.metadata.deletionTimestamp !== undefined) {
      return [forbidden('spec.slug', 'is being deleted')]
    }
    const version = textAt(environment, 'spec.odooVersion')
    return version === textAt(upgrade, 'spec.fromVersion')
      ? []
      : [invalid('spec.fromVersion', `must be ${version}, the version of the environment`)]
  },
}
