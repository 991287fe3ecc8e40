/** One Odoo: its database, filestore, workers and routes. */
import Type from 'typebox'
import {
  backupTime,
  type DeepReadonly,
  defaultOdooVersion,
  editions,
  environmentName,
  environmentResource,
  hostings,
  odooVersion,
  oneOf,
  resourceSizes,
  subdomain,
} from './fields.ts'
import type { apiVersion } from './group.ts'
import { maxNameBytes } from './names.ts'
import type { KubeObject } from './object.ts'
import { secretReference, statusFields } from './status-fields.ts'

/** Exactly one of the three. */
const source = Type.Object(
  {
    template: Type.Optional(
      Type.Object(
        { edition: oneOf(editions, { description: 'Edition of the template.', default: 'basic' }) },
        { additionalProperties: false, description: 'A template database of the Odoo major.' },
      ),
    ),
    backup: Type.Optional(
      Type.Object(
        {
          environment: environmentResource('TenantEnvironment whose backup it is.'),
          backup: backupTime,
        },
        { additionalProperties: false, description: 'A backup of an environment of this client.' },
      ),
    ),
    environment: Type.Optional(
      Type.Object(
        { name: environmentResource('TenantEnvironment to copy.') },
        { additionalProperties: false, description: 'Another environment of this client.' },
      ),
    ),
  },
  {
    additionalProperties: false,
    description: 'What the database is made from: exactly one of the three. Unchangeable.',
    derived: 'template basic',
  },
)

export const tenantEnvironmentSpec = Type.Object(
  {
    client: subdomain('PLANAClient that this environment belongs to. Unchangeable.'),
    name: environmentName('prod, test, …; unique in the client. Unchangeable.'),
    odooVersion: odooVersion({
      description: 'Odoo major; changed only by a TenantUpgrade.',
      default: defaultOdooVersion,
    }),
    hosting: oneOf(hostings, {
      description: 'Shared workers of the Odoo major, or own ones. Unchangeable.',
      default: 'pool',
    }),
    resources: oneOf(resourceSizes, {
      description: 'Size of the workers of an instance.',
      default: 'free',
    }),
    source,
    neutralise: Type.Boolean({
      description: 'Whether mail, payments and jobs to the outside are switched off in the copy.',
      derived: 'true for all but prod',
    }),
  },
  { additionalProperties: false },
)

export const tenantEnvironmentStatus = Type.Object(
  {
    ...statusFields,
    url: Type.Optional(Type.String({ description: 'Address for browsers.' })),
    label: Type.Optional(
      Type.String({ maxLength: maxNameBytes, description: 'First label of the hostname.' }),
    ),
    hostname: Type.Optional(
      Type.String({ maxLength: maxNameBytes, description: 'Where it is served.' }),
    ),
    database: Type.Optional(
      Type.String({ maxLength: maxNameBytes, description: 'Name of the database.' }),
    ),
    namespace: Type.Optional(
      Type.String({ maxLength: maxNameBytes, description: 'Where the workers run.' }),
    ),
    odooVersion: Type.Optional(Type.String({ description: 'Odoo major that serves now.' })),
    credentials: Type.Optional(secretReference),
  },
  { additionalProperties: false },
)

export type TenantEnvironmentSpec = DeepReadonly<Type.Static<typeof tenantEnvironmentSpec>>
export type TenantEnvironmentStatus = DeepReadonly<Type.Static<typeof tenantEnvironmentStatus>>

/** As stored, with every default filled in. */
export interface TenantEnvironment extends KubeObject {
  readonly apiVersion: typeof apiVersion
  readonly kind: 'TenantEnvironment'
  readonly spec: TenantEnvironmentSpec
  readonly status?: TenantEnvironmentStatus
}
