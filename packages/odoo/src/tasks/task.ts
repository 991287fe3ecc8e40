import type { Log } from '@pulse/api'
import type { Administration } from '../database/administration.ts'
import type { FilestorePlaces } from '../filestore/places.ts'
import type { Journal } from '../journal.ts'
import type { RuntimeLookup } from '../runtime/runtime.ts'

/** Where results go: server-side apply by manager `pulse-task`. The app implements it over its objects. */
export interface Results {
  applySecret(target: ObjectTarget, values: Readonly<Record<string, string>>): Promise<void>
  applyConfigMap(target: ObjectTarget, values: Readonly<Record<string, string>>): Promise<void>
  /** Decoded values; undefined when the Secret is missing or empty. */
  getSecret(target: ObjectTarget): Promise<Readonly<Record<string, string>> | undefined>
}

export interface ObjectTarget {
  readonly namespace: string
  readonly name: string
}

/** What a task may touch; nothing is reached by any other way. */
export interface TaskDeps {
  readonly administration: Administration
  readonly results: Results
  readonly filestore: FilestorePlaces
  readonly runtimes: RuntimeLookup
  readonly log: Log
  readonly now: () => Date
}

/** One run of a task. */
export interface TaskContext extends TaskDeps {
  readonly journal: Journal
  readonly signal: AbortSignal
}
