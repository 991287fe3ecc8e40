import { type Cause, forbidden, invalid, required } from './cause.ts'
import { readyColumn, syncedColumn } from './condition-column.ts'
import { fieldColumn } from './field-column.ts'
import { type Edition, editions } from './fields.ts'
import type { KindDefinition, UniqueName } from './kind.ts'
import type { KindOptions } from './kind-options.ts'
import {
  type Domains,
  type OdooMajor,
  odooMajors,
  templateDatabaseName,
  templateSnapshotName,
} from './names.ts'
import type { KubeObject } from './object.ts'
import { ownKind } from './own-kind.ts'
import { recordAt, textAt, type UnknownRecord } from './record.ts'
import { templateSnapshotSpec, templateSnapshotStatus } from './template-snapshot.ts'

const columns = [
  fieldColumn({ name: 'Edition', path: 'spec.edition', description: 'basic or pro.' }),
  fieldColumn({ name: 'Version', path: 'spec.odooVersion', description: 'Odoo major.' }),
  fieldColumn({
    name: 'Standbys',
    path: 'status.standbys',
    type: 'integer',
    description: 'Databases ready to be claimed.',
  }),
  fieldColumn({
    name: 'Database',
    path: 'status.database',
    description: 'Name of the template database.',
    wide: true,
  }),
  syncedColumn,
  readyColumn,
]

export function templateSnapshotKind({ domains }: KindOptions): KindDefinition {
  return ownKind({
    kind: 'TemplateSnapshot',
    plural: 'templatesnapshots',
    singular: 'templatesnapshot',
    shortNames: ['template', 'templates'],
    description: 'The template database of an edition and Odoo major.',
    spec: templateSnapshotSpec,
    status: templateSnapshotStatus,
    columns,
    immutable: ['spec.edition', 'spec.odooVersion'],
    selectableFields: ['spec.edition', 'spec.odooVersion'],
    deriveSpec: (spec): UnknownRecord => ({ ...spec, source: spec.source ?? { install: {} } }),
    rules: (object) => [...nameCauses(object), ...sourceCauses(object)],
    uniqueNames: (object) => uniqueNames(object, domains),
    lists: { 'spec.modules': { type: 'set' } },
  })
}

/** Edition and major, once both are legal. */
function template(
  object: KubeObject,
): { readonly edition: Edition; readonly major: OdooMajor } | undefined {
  const edition = editions.find((name) => name === textAt(object, 'spec.edition'))
  const major = odooMajors.find((name) => name === textAt(object, 'spec.odooVersion'))
  return edition === undefined || major === undefined ? undefined : { edition, major }
}

function nameCauses(object: KubeObject): readonly Cause[] {
  const named = template(object)
  if (named === undefined) return []
  const name = templateSnapshotName(named.edition, named.major)
  return object.metadata.name === name
    ? []
    : [invalid('metadata.name', `must be {edition}-{odooVersion}, "${name}"`)]
}

function sourceCauses(object: KubeObject): readonly Cause[] {
  const source = recordAt(object, 'spec.source')
  if (source === undefined) return []
  const { dump, filestore, install } = source
  if (dump === undefined && install === undefined) {
    return [required('spec.source', 'must have one of dump and install')]
  }
  return [
    ...(dump !== undefined && install !== undefined
      ? [invalid('spec.source', 'must have only one of dump and install')]
      : []),
    ...(filestore !== undefined && dump === undefined
      ? [forbidden('spec.source.filestore', 'is for a source with a dump only')]
      : []),
  ]
}

/** Its database is named like a tenant's hostname, so no tenant may have that. */
function uniqueNames(object: KubeObject, domains: Domains): readonly UniqueName[] {
  const named = template(object)
  if (named === undefined) return []
  const database = templateDatabaseName(named.edition, named.major, domains)
  return [{ value: `host:${database}`, field: 'spec.edition' }]
}
