/** A customer: one PLANAClient makes the whole tenant, beginning with its environment `prod`. */
import Type from 'typebox'
import {
  type DeepReadonly,
  defaultOdooVersion,
  duration,
  hostings,
  moduleNames,
  odooVersion,
  oneOf,
  resourceSizes,
  subdomain,
  tiers,
} from './fields.ts'
import type { apiVersion } from './group.ts'
import { maxNameBytes } from './names.ts'
import type { KubeObject } from './object.ts'
import { statusFields } from './status-fields.ts'

const sleep = Type.Object(
  {
    enabled: Type.Boolean({
      description:
        'Whether the workers of an instance stop when nobody uses it; the next request starts them again. A pool is always on.',
      derived: 'true; false for tier enterprise, which is always on',
    }),
    idleTimeout: duration({
      description: 'Time without a request after which the tenant sleeps; 1s to 168h.',
      default: '15m',
    }),
    wakeTimeout: duration({
      description: 'How long a waking may take before it is given up; 1s to 1h.',
      default: '5m',
    }),
  },
  { additionalProperties: false, description: 'When the tenant sleeps.', default: {} },
)

export const planaClientSettings = Type.Object(
  {
    language: Type.String({
      pattern: '^[a-z]{2,3}(_[A-Z]{2})?(@[a-z]+)?$',
      description: 'Language as Odoo names it.',
      rule: 'must be a language as Odoo names it: en_US, bg_BG, sr@latin',
      default: 'en_US',
    }),
    timezone: Type.String({
      pattern: '^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$',
      maxLength: 64,
      description: 'IANA time zone.',
      rule: 'must be an IANA time zone such as Europe/Sofia',
      default: 'Europe/Sofia',
    }),
    currency: Type.String({
      pattern: '^[A-Z]{3}$',
      description: 'ISO 4217 code of the company currency.',
      rule: 'must be three capital letters such as EUR',
      default: 'EUR',
    }),
    country: Type.Optional(
      Type.String({
        pattern: '^[A-Z]{2}$',
        description: 'ISO 3166 code of the company country.',
        rule: 'must be two capital letters such as BG',
      }),
    ),
  },
  {
    additionalProperties: false,
    description:
      'How the database is personalised when it is made; later changes are made in Odoo.',
    default: {},
  },
)

export const planaClientSpec = Type.Object(
  {
    subdomain: subdomain('First label of the hostname; unique, unchangeable, = metadata.name.'),
    projectId: Type.Integer({
      minimum: 0,
      maximum: 2147483647,
      description: 'Number of the project in the ERP.',
    }),
    tier: oneOf(tiers, { description: 'Plan of the customer.', default: 'starter' }),
    odooVersion: odooVersion({
      description: 'Odoo major of `prod`; changed only by a TenantUpgrade.',
      default: defaultOdooVersion,
    }),
    ownerEmail: Type.String({
      format: 'email',
      maxLength: 254,
      description: 'E-mail address of the owner: the login of the administrator.',
    }),
    ownerName: Type.String({
      pattern: '^[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f][^\\x00-\\x1f\\x7f]*$',
      maxLength: 128,
      description: 'Name of the company.',
      rule: 'must be one line that is not blank',
    }),
    hosting: oneOf(hostings, {
      description: 'Shared workers of the Odoo major, or own ones. Unchangeable.',
      derived: 'pool for tier starter, else instance',
    }),
    resources: oneOf(resourceSizes, {
      description: 'Size of the workers of an instance.',
      derived: 'free for tier starter, pro for pro, enterprise for enterprise',
    }),
    sleep,
    aliases: Type.Array(Type.String({ minLength: 1, maxLength: 253 }), {
      maxItems: 50,
      'x-kubernetes-list-type': 'set',
      description: 'Further hostnames, answered by a redirect to the canonical one.',
      default: [],
    }),
    modules: moduleNames({
      description: 'Odoo modules beyond those of the template.',
      default: [],
    }),
    settings: planaClientSettings,
    status: oneOf(['active', 'suspended', 'disabled'], {
      description: 'Whether the tenant is served.',
      default: 'active',
    }),
    deletionPolicy: Type.Object(
      {
        retainDays: Type.Integer({
          minimum: 0,
          maximum: 365,
          description: 'Days for which the data of a deleted tenant is kept.',
          default: 7,
        }),
      },
      { additionalProperties: false, description: 'What deletion leaves.', default: {} },
    ),
  },
  { additionalProperties: false },
)

export const planaClientStatus = Type.Object(
  {
    ...statusFields,
    url: Type.Optional(Type.String({ description: 'Address of `prod`.' })),
    hostname: Type.Optional(
      Type.String({ maxLength: maxNameBytes, description: 'Hostname of `prod`.' }),
    ),
    environment: Type.Optional(Type.String({ description: 'Resource name of `prod`.' })),
    odooVersion: Type.Optional(Type.String({ description: 'Odoo major that serves now.' })),
    supportRoom: Type.Optional(Type.String({ description: 'Room where help is given.' })),
  },
  { additionalProperties: false },
)

export type PlanaClientSpec = DeepReadonly<Type.Static<typeof planaClientSpec>>
export type PlanaClientStatus = DeepReadonly<Type.Static<typeof planaClientStatus>>

/** As stored, with every default filled in. */
export interface PLANAClient extends KubeObject {
  readonly apiVersion: typeof apiVersion
  readonly kind: 'PLANAClient'
  readonly spec: PlanaClientSpec
  readonly status?: PlanaClientStatus
}
