/** The template database of one edition and Odoo major, from which tenants are cloned. */
import Type from 'typebox'
import { type DeepReadonly, editions, moduleNames, odooVersion, oneOf } from './fields.ts'
import type { apiVersion } from './group.ts'
import { maxNameBytes } from './names.ts'
import type { KubeObject } from './object.ts'
import { statusFields } from './status-fields.ts'

/** Exactly one of the two. */
const source = Type.Object(
  {
    dump: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4096,
        description: 'File of pg_dump, read where the task runs.',
      }),
    ),
    filestore: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4096,
        description: 'Archive or folder of the filestore that belongs to the dump.',
      }),
    ),
    install: Type.Optional(
      Type.Object(
        {},
        { additionalProperties: false, description: 'Install `modules` from scratch.' },
      ),
    ),
  },
  {
    additionalProperties: false,
    description: 'What the template is made from: a dump, or an installation.',
    derived: 'install',
  },
)

export const templateSnapshotSpec = Type.Object(
  {
    edition: oneOf(editions, { description: 'Edition. Unchangeable.' }),
    odooVersion: odooVersion({ description: 'Odoo major. Unchangeable.' }),
    modules: moduleNames({ description: 'Odoo modules of the template.', default: [] }),
    rev: Type.Optional(
      Type.String({
        pattern: '^[0-9A-Za-z][0-9A-Za-z._/-]{0,127}$',
        rule: 'must be letters, digits, ".", "_", "/" and "-"',
        description: 'Revision of the module sources; a new one rebuilds the template.',
      }),
    ),
    source,
  },
  { additionalProperties: false },
)

export const templateSnapshotStatus = Type.Object(
  {
    ...statusFields,
    observedRetry: Type.Optional(
      Type.Integer({
        minimum: 0,
        description:
          'Retry that this status answers, as the annotation `planapulse.com/retry` asks.',
      }),
    ),
    database: Type.Optional(
      Type.String({ maxLength: maxNameBytes, description: 'Name of the template database.' }),
    ),
    builtAt: Type.Optional(Type.String({ format: 'date-time', description: 'When it was made.' })),
    installedVersion: Type.Optional(
      Type.String({
        description:
          'Version of its module `base`; what ends in `.stand-in` no Odoo can open, and nobody is given.',
      }),
    ),
    seed: Type.Optional(Type.String({ description: 'SHA-256 of the dump.' })),
    sizeBytes: Type.Optional(Type.Integer({ minimum: 0, description: 'Size of the database.' })),
    modules: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Odoo modules that are installed in it.' }),
    ),
    standbys: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Databases ready to be claimed.' }),
    ),
  },
  { additionalProperties: false },
)

export type TemplateSnapshotSpec = DeepReadonly<Type.Static<typeof templateSnapshotSpec>>
export type TemplateSnapshotStatus = DeepReadonly<Type.Static<typeof templateSnapshotStatus>>

/** As stored, with every default filled in. */
export interface TemplateSnapshot extends KubeObject {
  readonly apiVersion: typeof apiVersion
  readonly kind: 'TemplateSnapshot'
  readonly spec: TemplateSnapshotSpec
  readonly status?: TemplateSnapshotStatus
}
