import type { KindDefinition, KubeObject, ObjectRef } from '@pulse/api'

/**
 * Where resources live. Memory, PostgreSQL and (later) a Kubernetes API stand behind it, and one conformance
 * suite, `objects.suite.ts`, says what each promises. Refusals are `StatusError`s. A given object is never changed;
 * a returned one is the caller's own.
 */
export interface Objects {
  get(ref: ObjectRef): Promise<KubeObject | undefined>
  /** Sorted by namespace and name; paged with `limit` and `continue`, all pages of one resourceVersion. */
  list(query: ListQuery): Promise<ListResult>
  /** Every change after `resourceVersion`, in order and without gaps; ends with the signal, or 410 `Expired`. */
  watch(query: WatchQuery): AsyncIterable<WatchEvent>
  create(object: KubeObject, options: WriteOptions): Promise<KubeObject>
  /** Replaces; a stale `metadata.resourceVersion` is a 409 `Conflict`, an absent one overwrites. */
  update(object: KubeObject, options: SubresourceOptions): Promise<KubeObject>
  patch(ref: ObjectRef, patch: Patch, options: SubresourceOptions): Promise<KubeObject>
  /** Server-side apply: creates or merges; fields owned by others are a 409 with one cause each, unless forced. */
  apply(object: KubeObject, options: ApplyOptions): Promise<KubeObject>
  /** Marks or removes, as finalizers and `propagationPolicy` say. The answer is the object as it last was. */
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<KubeObject>
  close(): Promise<void>
}

/** What no list tells, since a list is of one kind. */
export interface Relations {
  /** Every object with an owner reference to this uid. */
  dependentsOf(uid: string): Promise<readonly KubeObject[]>
  /** Every object that carries this label. */
  labelled(label: string, value: string): Promise<readonly KubeObject[]>
  /** Every object that may be for the collector: on its way out, or an owner of it is not there. */
  doubtful(): Promise<readonly KubeObject[]>
}

/** Objects in the store of this process. */
export interface Store extends Objects, Relations {
  /**
   * The same, but `get`, `list` and what a write finds unchanged tell what this process has heard of, as an informer's
   * cache does: its own writes at once, those of others at the latest when a watch does. For passes, which every change
   * repeats; what may be done only once, or answers a client, reads the store itself. What it returns is frozen.
   */
  readonly cached: Objects & Relations
  /** What is stored and cannot be read, as far as it was looked at, in words that name it; a bounded number. */
  unreadable(): readonly string[]
}

export interface ListQuery {
  readonly apiVersion: string
  readonly kind: string
  /** Absent: all namespaces. */
  readonly namespace?: string
  /** Kubernetes' own syntax: `a=b,c!=d,e in (f,g),!h`. */
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly limit?: number
  readonly continue?: string
  /**
   * Each page tells what stands when it is read, and its `continue` never expires; by default all pages are of one
   * version. A store across a wire may not know this and do as by default.
   */
  readonly isLoose?: boolean
  /**
   * Without `metadata.managedFields`, which are half of what an object is: for whoever looks at many. A store across a
   * wire may not know this and do as by default.
   */
  readonly isLean?: boolean
  /** All, or an error: for whoever concludes from what is not there. Default: where a namespace is given. */
  readonly isWhole?: boolean
  /** Ends the wait for an answer that comes over a wire. */
  readonly signal?: AbortSignal
}

export interface ListResult {
  readonly items: readonly KubeObject[]
  /** The version to watch from. */
  readonly resourceVersion: string
  readonly continue?: string
  readonly remainingItemCount?: number
}

export interface WatchQuery extends Omit<ListQuery, 'limit' | 'continue'> {
  /** Absent: from now. */
  readonly resourceVersion?: string
  readonly signal: AbortSignal
  /** How often a BOOKMARK tells the newest version; absent: never. */
  readonly bookmarkSeconds?: number
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  /** For BOOKMARK only kind and `metadata.resourceVersion`. */
  readonly object: KubeObject
  /** As it was before; only the store of this process tells. */
  readonly previous?: KubeObject
}

export interface WriteOptions {
  readonly fieldManager: string
  readonly dryRun?: boolean
}

export interface SubresourceOptions extends WriteOptions {
  /** `status`: only the status is written. `scale`: the object given and returned is a `Scale`. */
  readonly subresource?: 'status' | 'scale'
}

export interface ApplyOptions extends SubresourceOptions {
  readonly force?: boolean
}

export type Patch =
  | { readonly type: 'json'; readonly patch: readonly unknown[] }
  | { readonly type: 'merge'; readonly patch: unknown }
  | { readonly type: 'strategic'; readonly patch: unknown }

export interface DeleteOptions {
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  /** For Pods: how long processes may take to end; a later, shorter one counts, a longer one does not. */
  readonly gracePeriodSeconds?: number
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
  readonly dryRun?: boolean
}

/** Finds the definition of a kind; refuses an unknown one with 404. */
export type KindLookup = (apiVersion: string, kind: string) => KindDefinition
