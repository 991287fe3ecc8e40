import type { Condition, KubeObject } from './object.ts'

/**
 * What a composition is given and gives back (decision D2). It lives here because the engine, which runs
 * compositions, and the compositions themselves never import each other.
 */
export interface ComposeInput<Resource extends KubeObject = KubeObject, Parameters = unknown> {
  readonly resource: Resource
  /** Composed objects as they stand now, by composition resource name. */
  readonly observed: Readonly<Record<string, KubeObject>>
  /**
   * Objects asked for with `requires` in the last pass, by the name asked with; absent until first read.
   * A pass in which something asked for is absent is never applied: the engine reads it and composes again, as
   * Crossplane does, since what a composition does not name is deleted. Not found is an empty list.
   */
  readonly required: Readonly<Record<string, readonly KubeObject[]>>
  /** RFC 3339, rounded down to the minute: the only clock a composition may see. */
  readonly now: string
  readonly parameters: Parameters
}

export interface ComposeOutput {
  /** Desired objects by composition resource name: what is no longer named here is deleted. */
  readonly objects: Readonly<Record<string, KubeObject>>
  /** Merged into `status`, beside `conditions`. */
  readonly status: Readonly<Record<string, unknown>>
  /** Own conditions; `Synced` and `Ready` are derived by the engine, `Ready` from `ready` below. */
  readonly conditions: readonly Condition[]
  /** Whether all that was asked for is there; the message says what is waited for. */
  readonly ready: Readiness
  readonly events: readonly ComposedEvent[]
  /** Objects to be read and watched, given back in `required` (Crossplane: required resources). */
  readonly requires: Readonly<Record<string, Requirement>>
  /** Absolute RFC 3339 time of the next pass, when no event brings one earlier (Crossplane: response ttl). */
  readonly requeueAt?: string
}

export type Readiness =
  | { readonly ready: true }
  | {
      readonly ready: false
      readonly message: string
      /** Why, in one word that programs read; default `Creating`. */
      readonly reason?: string
    }

export type Requirement = {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
} & (
  | { readonly name: string; readonly labels?: undefined }
  | { readonly labels: Readonly<Record<string, string>>; readonly name?: undefined }
)

/** Becomes a Kubernetes Event about the composite; the same event is counted, not repeated. */
export interface ComposedEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

/** Same input, byte-equal output: no clock, randomness, environment or I/O inside. */
export type Compose<Resource extends KubeObject = KubeObject, Parameters = unknown> = (
  input: ComposeInput<Resource, Parameters>,
) => ComposeOutput
