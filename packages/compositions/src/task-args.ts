/**
 * The command lines of tasks, written once: compositions emit them, `pulse task` parses them. Every argument is one
 * `--name=value`, so that a value that begins with a dash stays a value. No secret is ever among them: a task reads
 * its credentials from its own configuration and writes results into Secrets and ConfigMaps.
 */
import type { Edition, Hosting, OdooMajor } from '@pulse/api'

/** `pulse task claim`: a database and a filestore for one environment. */
export interface ClaimArgs {
  /** Name of the TenantEnvironment. */
  readonly environment: string
  readonly environmentUid: string
  readonly client: string
  readonly name: string
  readonly major: OdooMajor
  readonly hosting: Hosting
  readonly source: 'template' | 'backup' | 'environment'
  /** Edition of the template, for source `template`. */
  readonly edition?: Edition
  /** TenantEnvironment that is copied, or whose backup is taken. */
  readonly sourceEnvironment?: string
  /** `latest`, or the time of the backup. */
  readonly sourceBackup?: string
  readonly neutralise: boolean
  readonly database: string
  readonly role: string
  /** Where the Secrets and the ConfigMap below live. */
  readonly namespace: string
  /** Gets `login` and `password` of the administrator. */
  readonly credentialsSecret: string
  /** Holds the role's connection: the claim fills it for an instance (PG* keys), and leaves a pool's alone. */
  readonly databaseSecret: string
  /** ConfigMap of results. A task that gives up leaves the reason there under `error`, in one line. */
  readonly facts: string
  /** PostgreSQL as the workers see it: goes into `databaseSecret`. */
  readonly postgresHost: string
  readonly postgresPort: number
  readonly ownerEmail: string
  readonly ownerName: string
  readonly language: string
  readonly timezone: string
  readonly currency: string
  readonly country?: string
  readonly modules: readonly string[]
  readonly baseUrl: string
  /** Where reports load their styles from. */
  readonly reportUrl: string
  /** `{namespace}/{claim}` of the volume; the filestore is `filestore/{database}` in it. */
  readonly filestoreClaim: string
}

/** `pulse task drop`: out of reach at once, gone after `retainDays` (0: at once). */
export interface DropArgs {
  readonly environment: string
  readonly environmentUid: string
  readonly hosting: Hosting
  readonly database: string
  /** An instance's role loses its login with the database; a pool's stays. */
  readonly role: string
  readonly filestoreClaim: string
  readonly retainDays: number
}

/** `pulse task template`: the template database of an edition and major. */
export interface TemplateArgs {
  readonly action: 'import' | 'install'
  /** Name of the TemplateSnapshot. */
  readonly template: string
  readonly edition: Edition
  readonly major: OdooMajor
  readonly database: string
  readonly dump?: string
  readonly filestore?: string
  readonly modules: readonly string[]
  readonly rev?: string
  readonly namespace: string
  readonly facts: string
}

/** `pulse task pool-role`: the role of a pool with a password of its own, written into `databaseSecret`. */
export interface PoolRoleArgs {
  readonly major: OdooMajor
  readonly role: string
  readonly namespace: string
  readonly databaseSecret: string
  readonly postgresHost: string
  readonly postgresPort: number
}

/** Arguments after `pulse`, by task: `--environment-uid=…` for `environmentUid`; empty lists are left out. */
export const taskArgs = {
  claim: (args: ClaimArgs) => commandLine('claim', { ...args }),
  drop: (args: DropArgs) => commandLine('drop', { ...args }),
  template: (args: TemplateArgs) => commandLine('template', { ...args }),
  'pool-role': (args: PoolRoleArgs) => commandLine('pool-role', { ...args }),
} as const

export type TaskName = keyof typeof taskArgs

type Value = string | number | boolean | readonly string[] | undefined

/** A true flag stands alone, a false one is left out, a list is joined by commas. */
function commandLine(task: string, values: Readonly<Record<string, Value>>): readonly string[] {
  const flags = Object.entries(values).flatMap(([name, value]) => flag(kebab(name), value))
  return ['task', task, ...flags]
}

function flag(name: string, value: Value): readonly string[] {
  if (value === undefined || value === false) return []
  if (value === true) return [`--${name}`]
  if (typeof value !== 'object') return [`--${name}=${value}`]
  return value.length === 0 ? [] : [`--${name}=${value.join(',')}`]
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
