/** New code, or the next Odoo major, for one environment. */
import Type from 'typebox'
import { type DeepReadonly, odooVersion, oneOf } from './fields.ts'
import type { apiVersion } from './group.ts'
import { maxEnvironmentNameLength, maxSubdomainLength, subdomainPattern } from './names.ts'
import type { KubeObject } from './object.ts'
import { statusFields } from './status-fields.ts'

export const tenantUpgradeSpec = Type.Object(
  {
    slug: Type.String({
      pattern: subdomainPattern,
      rule: 'must be lower-case letters, digits and "-", beginning and ending with a letter or digit',
      maxLength: maxSubdomainLength + 1 + maxEnvironmentNameLength,
      description: 'Label of the environment: the subdomain for prod, else {subdomain}-{name}.',
    }),
    fromVersion: odooVersion({ description: 'Odoo major that runs now.' }),
    toVersion: odooVersion({ description: 'The same major, or the next one.' }),
    strategy: oneOf(['same-major', 'snapshot-then-upgrade'], {
      description: 'same-major updates modules; snapshot-then-upgrade moves to the next major.',
    }),
    modules: Type.String({
      pattern: '^(all|[a-z][a-z0-9_]*(,[a-z][a-z0-9_]*)*)$',
      maxLength: 4096,
      description: 'all, or a comma-separated list.',
      rule: 'must be all, or names of Odoo modules with commas between',
      default: 'all',
    }),
    rehearse: Type.Boolean({
      description: 'Only try it on a neutralised clone and report; nothing of the tenant changes.',
      default: false,
    }),
  },
  { additionalProperties: false },
)

export const tenantUpgradeStatus = Type.Object(
  {
    ...statusFields,
    phase: Type.Optional(Type.String({ description: 'Step that runs now.' })),
    insuranceBackup: Type.Optional(
      Type.String({ description: 'EnvironmentBackup that was taken before anything was touched.' }),
    ),
    completedAt: Type.Optional(
      Type.String({ format: 'date-time', description: 'When the new version served first.' }),
    ),
    soakUntil: Type.Optional(
      Type.String({ format: 'date-time', description: 'Until when it can be reverted.' }),
    ),
  },
  { additionalProperties: false },
)

export type TenantUpgradeSpec = DeepReadonly<Type.Static<typeof tenantUpgradeSpec>>
export type TenantUpgradeStatus = DeepReadonly<Type.Static<typeof tenantUpgradeStatus>>

/** As stored, with every default filled in. */
export interface TenantUpgrade extends KubeObject {
  readonly apiVersion: typeof apiVersion
  readonly kind: 'TenantUpgrade'
  readonly spec: TenantUpgradeSpec
  readonly status?: TenantUpgradeStatus
}
