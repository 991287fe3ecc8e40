import type { Cause } from './cause.ts'
import type { Requirement } from './composition.ts'
import type { KubeObject } from './object.ts'

/**
 * All that the API server needs to serve one kind: discovery, OpenAPI, table columns, defaults, rules.
 * A new kind is one more entry in the registry, never a change of the server.
 */
export interface KindDefinition {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly namespaced: boolean
  /** One sentence for `kubectl explain` and the reference. */
  readonly description: string
  /** JSON Schema (OpenAPI v3 structural subset) of the whole object; to clients, of built-in kinds, a loose one. */
  readonly schema: Readonly<Record<string, unknown>>
  /** True for our own kinds: like custom resources, they are as `schema` says, with metadata as every object has them. */
  readonly structural: boolean
  /** All of them in order, Name and Age included: `kubectl get events` has neither first nor last. */
  readonly columns: readonly PrintColumn[]
  /** Whether `/status` is a subresource of its own, so that a write of the spec never touches the status. */
  readonly hasStatus: boolean
  readonly scale?: ScalePaths
  /** Fields beyond `metadata.name` and `metadata.namespace` that `--field-selector` may name. */
  readonly selectableFields: readonly string[]
  /** Fills in defaults; returns a new object and never overwrites a given value. */
  readonly setDefaults: (object: KubeObject) => KubeObject
  /**
   * Every mistake at once, by the object alone; `old` is the stored one on an update. `now` is RFC 3339; without it
   * nothing is refused for its time.
   */
  readonly validate: (
    object: KubeObject,
    old: KubeObject | undefined,
    now?: string,
  ) => readonly Cause[]
  /** Rules that need other objects; run inside the transaction that writes. */
  readonly admission?: Admission
  /** Names that may exist once in the whole installation, as rows with a unique index (design, section 3). */
  readonly uniqueNames?: (object: KubeObject) => readonly UniqueName[]
  /** How strategic merge patch and server-side apply treat lists, by field path without indexes. */
  readonly lists: Readonly<Record<string, ListType>>
}

export interface Admission {
  readonly requires: (object: KubeObject) => Readonly<Record<string, Requirement>>
  readonly validate: (
    object: KubeObject,
    old: KubeObject | undefined,
    required: Readonly<Record<string, readonly KubeObject[]>>,
  ) => readonly Cause[]
}

export interface UniqueName {
  /** `label:acme`, `host:acme.localhost`. */
  readonly value: string
  /** The field a refusal names. */
  readonly field: string
}

export interface PrintColumn {
  readonly name: string
  readonly type: 'string' | 'integer' | 'boolean' | 'date'
  readonly description: string
  /** 0 is always shown, 1 only with `-o wide`. */
  readonly priority: 0 | 1
  /** The cell's value from the object; `date` columns return RFC 3339, shown as an age. */
  readonly cell: (object: KubeObject) => string | number | boolean | undefined
  /** The same as a JSONPath, where it can be said so: it goes into the XRD. */
  readonly jsonPath?: string
}

export interface ScalePaths {
  readonly specReplicas: string
  readonly statusReplicas: string
  readonly labelSelector?: string
}

/** `atomic`: replaced whole. `set`: scalars merged. `map`: items merged by `keys` (SSA); `patchKey` for strategic merge. */
export type ListType =
  | { readonly type: 'atomic' }
  | { readonly type: 'set' }
  | { readonly type: 'map'; readonly keys: readonly string[]; readonly patchKey?: string }
