import type { KubeObject, ObjectRef } from '@pulse/api'
import type { ContinueToken } from './continue-token.ts'
import type { Selector } from './selectors.ts'

/**
 * What memory and PostgreSQL each do in their own way; everything that a store promises beyond it, is written once
 * over this. Objects handed out are the caller's own.
 */
export interface Backend {
  read(ref: ObjectRef): Promise<KubeObject | undefined>
  page(query: PageQuery): Promise<Page>
  /** Objects of all kinds, in no order. */
  related(query: RelationQuery): Promise<Related>
  /** Writes follow one another; a work that throws, or `keep: false`, leaves no trace. `first`: what it reads first. */
  transact<T>(
    work: (transaction: Transaction) => Promise<T>,
    options: { keep: boolean; first?: ObjectRef },
  ): Promise<T>
  readonly feed: ChangeFeed
  /** What is stored and cannot be read, in words that name it. */
  unreadable(): readonly string[]
  close(): Promise<void>
}

export interface Transaction {
  read(ref: ObjectRef): Promise<KubeObject | undefined>
  find(query: Omit<PageQuery, 'limit' | 'after'>): Promise<readonly KubeObject[]>
  /** Those of the names that another object holds. */
  takenNames(uid: string, names: readonly string[]): Promise<readonly string[]>
  /** Stores under the next version; `names`, when given, become the names that the object holds. */
  put(write: {
    readonly object: KubeObject
    readonly previous: KubeObject | undefined
    readonly names?: readonly string[]
  }): Promise<KubeObject>
  /** Removes the object and frees its names; the answer carries the version of the removal. */
  remove(object: KubeObject, previous: KubeObject): Promise<KubeObject>
}

export interface PageQuery {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  readonly selector: Selector
  readonly limit?: number
  /** Without `metadata.managedFields`. */
  readonly isLean?: boolean
  /** All that match, or an error, instead of those that can be read. Default: where a namespace is given. */
  readonly isWhole?: boolean
  /** Continue behind this key, in the state of its version, if it has one; 410 when the log no longer tells that state. */
  readonly after?: ContinueToken
}

/** With this owner, with this label, or to be looked at by the collector. */
export type RelationQuery =
  | { readonly owner: string }
  | { readonly label: string; readonly value: string }
  | { readonly doubtful: true }

export interface Related {
  readonly items: readonly KubeObject[]
  /** The version whose state this is. */
  readonly version: number
}

export interface Page {
  readonly items: readonly KubeObject[]
  /** The version whose state this is. */
  readonly version: number
  /** Whether any follow. */
  readonly hasMore: boolean
  /** How many follow, where that is known without looking at all of them. */
  readonly remaining?: number | undefined
  /** The last that was looked at, where it need not be the last of the items. */
  readonly last?: ObjectRef | undefined
}

/** One write: the object before and after it. Versions have no gaps. */
export interface Change {
  readonly version: number
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly object?: KubeObject
  readonly previous?: KubeObject
}

export interface ChangeListener {
  change(change: Change): void
  /** Changes were missed and cannot be read any more. */
  expired(): void
}

export interface ChangeFeed {
  /** Listeners have been given every change up to this version. */
  position(): number
  subscribe(listener: ChangeListener): () => void
  /** Changes of one kind, oldest first, a bounded number; 410 when the log does not reach back to `after`. */
  read(query: {
    readonly apiVersion: string
    readonly kind: string
    readonly after: number
    readonly until: number
  }): Promise<readonly Change[]>
  /** The newest version that was committed. */
  newest(): Promise<number>
}
