import type { Registered, StandingOnServer } from '@pulse/odoo'

/** What stands on a machine for tenants, by name, whoever it belongs to. */
export interface Standing extends StandingOnServer {
  /** Folders of volumes: `{namespace}/{claim}`, or `{namespace}` where that is empty. */
  readonly volumes: readonly string[]
  /** Folders of databases in the volumes of pools: `{namespace}/{claim}/{database}`. */
  readonly filestores: readonly string[]
  /** Names in the folder of tombstones. */
  readonly tombstones: readonly string[]
  /** Names in the folder of templates: databases. */
  readonly templates: readonly string[]
  /** Names in the folder in which filestores are put together. */
  readonly staging: readonly string[]
  /** Folders of pods: their uids. */
  readonly pods: readonly string[]
  /** Processes that were started for a container, by the pod whose journal knows them. */
  readonly processes: readonly { readonly pid: number; readonly pod: string | undefined }[]
  /** Rows of names that may exist once, with the object that holds each. */
  readonly hostnames: readonly { readonly name: string; readonly uid: string }[]
}

/** What there is that anything of it may belong to. */
export interface Owners {
  readonly registered: Registered
  /** Uids of all objects. */
  readonly uids: ReadonlySet<string>
  /** `{namespace}/{name}` of each PersistentVolumeClaim. */
  readonly volumeClaims: ReadonlySet<string>
  /** Names of unfinished databases (`filling_…`) that a task makes now or a Job will go on with. */
  readonly unfinished: ReadonlySet<string>
}

export const leakTypes = [
  'database',
  'role',
  'volume',
  'filestore',
  'tombstone',
  'template',
  'staging',
  'pod',
  'process',
  'hostname',
] as const

/** One thing that belongs to nobody. */
export interface Leak {
  readonly type: (typeof leakTypes)[number]
  readonly name: string
}
