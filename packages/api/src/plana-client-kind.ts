import { aliasCauses } from './alias-rules.ts'
import { type Cause, invalid } from './cause.ts'
import { readyColumn, syncedColumn } from './condition-column.ts'
import { parseDurationSeconds } from './durations.ts'
import { brokenResourcesRule, entitlements, entitlementsOf } from './entitlements.ts'
import { fieldColumn } from './field-column.ts'
import { teardownFinalizer } from './finalizer.ts'
import type { KindDefinition, UniqueName } from './kind.ts'
import type { KindOptions } from './kind-options.ts'
import { hostnameLabelCauses } from './label-rules.ts'
import type { KubeObject } from './object.ts'
import { ownKind } from './own-kind.ts'
import { planaClientSpec, planaClientStatus } from './plana-client.ts'
import { planaClientAdmission } from './plana-client-admission.ts'
import { listAt, recordAt, textAt, type UnknownRecord, valueAt } from './record.ts'
import { settingsCauses } from './settings-rules.ts'

const columns = [
  fieldColumn({ name: 'Tier', path: 'spec.tier', description: 'Plan of the customer.' }),
  fieldColumn({ name: 'Version', path: 'spec.odooVersion', description: 'Odoo major.' }),
  fieldColumn({
    name: 'Hosting',
    path: 'spec.hosting',
    description: 'Shared workers or own ones.',
    wide: true,
  }),
  fieldColumn({
    name: 'Owner',
    path: 'spec.ownerEmail',
    description: 'E-mail address of the owner.',
    wide: true,
  }),
  fieldColumn({
    name: 'Status',
    path: 'spec.status',
    description: 'Whether it is served.',
  }),
  syncedColumn,
  readyColumn,
  fieldColumn({ name: 'URL', path: 'status.url', description: 'Address of prod.' }),
]

export function planaClientKind({ domains, reservedLabels }: KindOptions): KindDefinition {
  return ownKind({
    kind: 'PLANAClient',
    plural: 'planaclients',
    singular: 'planaclient',
    shortNames: ['pc', 'client', 'clients'],
    description: 'A customer with its whole tenant, beginning with the environment prod.',
    spec: planaClientSpec,
    status: planaClientStatus,
    columns,
    immutable: ['spec.subdomain', 'spec.hosting'],
    selectableFields: ['spec.tier', 'spec.odooVersion'],
    deriveSpec,
    finalizer: teardownFinalizer,
    rules: (object) => [
      ...nameCauses(object),
      ...hostnameLabelCauses(textAt(object, 'spec.subdomain'), 'spec.subdomain', reservedLabels),
      ...resourcesCauses(object),
      ...durationCauses(object, 'spec.sleep.idleTimeout', { atMost: '168h' }),
      ...durationCauses(object, 'spec.sleep.wakeTimeout', { atMost: '1h' }),
      ...aliasCauses(object, domains),
      ...repeatedModules(object),
      ...settingsCauses(object),
    ],
    admission: planaClientAdmission,
    uniqueNames: (object) => uniqueNames(object, domains.tenant),
    lists: { 'spec.aliases': { type: 'set' }, 'spec.modules': { type: 'set' } },
  })
}

/**
 * What the tier includes, where nothing else is asked for. It is written into the object, so that a later change of
 * the tier moves nothing by surprise.
 */
function deriveSpec(spec: UnknownRecord): UnknownRecord {
  const included = entitlementsOf(spec.tier) ?? entitlements.starter
  const sleep = recordAt(spec, 'sleep')
  return {
    ...spec,
    hosting: spec.hosting ?? included.hosting,
    resources: spec.resources ?? included.resources,
    ...(sleep === undefined ? {} : { sleep: { enabled: included.sleeps, ...sleep } }),
  }
}

function nameCauses({ metadata, spec }: KubeObject): readonly Cause[] {
  const subdomain = textAt(spec, 'subdomain')
  return subdomain === undefined || subdomain === metadata.name
    ? []
    : [invalid('metadata.name', `must be the same as spec.subdomain, "${subdomain}"`)]
}

function resourcesCauses(object: KubeObject): readonly Cause[] {
  const broken = brokenResourcesRule(
    valueAt(object, 'spec.tier'),
    valueAt(object, 'spec.hosting'),
    valueAt(object, 'spec.resources'),
  )
  return broken === undefined ? [] : [invalid('spec.resources', broken)]
}

/** At least a second: anything less only wears the machine. */
function durationCauses(
  object: KubeObject,
  field: string,
  { atMost }: { readonly atMost: string },
): readonly Cause[] {
  const seconds = parseDurationSeconds(textAt(object, field) ?? '')
  const most = parseDurationSeconds(atMost) ?? 0
  return seconds === undefined || (seconds >= 1 && seconds <= most)
    ? []
    : [invalid(field, `must be from 1s to ${atMost}`)]
}

function repeatedModules(object: KubeObject): readonly Cause[] {
  const modules = listAt(object, 'spec.modules')
  return modules.flatMap((name, index): readonly Cause[] =>
    modules.indexOf(name) < index
      ? [
          {
            reason: 'FieldValueDuplicate',
            field: `spec.modules[${index}]`,
            message: 'is given twice',
          },
        ]
      : [],
  )
}

/** The client holds the names of its prod environment, which therefore claims none itself. */
function uniqueNames(object: KubeObject, tenantDomain: string): readonly UniqueName[] {
  const subdomain = textAt(object, 'spec.subdomain') ?? object.metadata.name
  return [
    { value: `label:${subdomain}`, field: 'spec.subdomain' },
    { value: `host:${subdomain}.${tenantDomain}`, field: 'spec.subdomain' },
    ...listAt(object, 'spec.aliases').map((alias, index) => ({
      value: `host:${alias}`,
      field: `spec.aliases[${index}]`,
    })),
  ]
}
