/**
 * Field types that several kinds share. A schema describes the object as it is stored, with every default filled in:
 * a field with `default`, or with `derived` (a default computed from other fields), may be left out by the writer,
 * and `published-schema.ts` says so in what clients read.
 */
import Type from 'typebox'
import {
  environmentNamePattern,
  maxEnvironmentNameLength,
  maxSubdomainLength,
  odooMajors,
  subdomainPattern,
} from './names.ts'

export const tiers = ['starter', 'pro', 'enterprise'] as const
export type Tier = (typeof tiers)[number]

export const hostings = ['pool', 'instance'] as const
export type Hosting = (typeof hostings)[number]

/** Sizes from small to large: the order is what `resources` rules compare. */
export const resourceSizes = ['free', 'pro', 'team', 'enterprise'] as const
export type ResourceSize = (typeof resourceSizes)[number]

export const editions = ['basic', 'pro'] as const
export type Edition = (typeof editions)[number]

export const defaultOdooVersion = '18'

/** Lower-case letters, digits and underscores, as Odoo's module folders are named. */
const moduleNamePattern = '^[a-z][a-z0-9_]{0,62}$'

/** Name of a TenantEnvironment resource: `{client}-{name}`. */
const environmentResourcePattern = `^[a-z0-9]([a-z0-9-]*[a-z0-9])?-[a-z][a-z0-9]{0,11}$`

/** Go's durations, as Kubernetes users write them: `15m`, `1h30m`. */
const durationPattern = '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$'

/** `latest`, or the time in a backup's name. */
const backupTimePattern = '^(latest|[0-9]{8}T[0-9]{6})$'

type Text = { readonly description: string; readonly default?: unknown; readonly derived?: string }

/** One of a fixed list; `type` is given because structural schemas need it. */
export function oneOf<const Values extends readonly string[]>(values: Values, text: Text) {
  return Type.Enum<[...Values]>([...values], { type: 'string', ...text })
}

export const backupTime = Type.String({
  pattern: backupTimePattern,
  description: 'Time of the backup, or latest.',
  default: 'latest',
  rule: 'must be latest or a time as in the backup name: YYYYMMDDTHHMMSS',
})

export const odooVersion = (text: Text) => oneOf(odooMajors, text)

export const subdomain = (description: string) =>
  Type.String({
    pattern: subdomainPattern,
    maxLength: maxSubdomainLength,
    description,
    rule: 'must be lower-case letters, digits and "-", beginning and ending with a letter or digit',
  })

export const environmentName = (description: string) =>
  Type.String({
    pattern: environmentNamePattern,
    description,
    rule: `must be a lower-case letter and up to ${maxEnvironmentNameLength - 1} lower-case letters and digits`,
  })

export const environmentResource = (description: string) =>
  Type.String({
    pattern: environmentResourcePattern,
    maxLength: maxSubdomainLength + 1 + maxEnvironmentNameLength,
    description,
    rule: 'must be the name of a TenantEnvironment: {client}-{name}',
  })

export const duration = (text: Text) =>
  Type.String({
    pattern: durationPattern,
    maxLength: 32,
    rule: 'must be a duration such as 90s, 15m or 1h30m',
    ...text,
  })

export const moduleNames = (text: Text) =>
  Type.Array(
    Type.String({
      pattern: moduleNamePattern,
      rule: 'must be the technical name of an Odoo module: lower-case letters, digits and "_"',
    }),
    { maxItems: 500, 'x-kubernetes-list-type': 'set', ...text },
  )

/** What a kind's spec and status look like to code: nothing in a resource is ever changed in place. */
export type DeepReadonly<Value> = Value extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
    : Value
