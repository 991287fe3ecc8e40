import type { RequestTraits } from './request-traits.ts'

/** A name for metrics, logs and the reference. */
export type RequestClassName =
  | 'websocket'
  | 'long-poll'
  | 'health'
  | 'monitor'
  | 'prefetch'
  | 'search-engine-due'
  | 'search-engine'
  | 'link-preview'
  | 'bot'
  | 'robots'
  | 'favicon'
  | 'browser-chore'
  | 'static-file'
  | 'asset-bundle'
  | 'unique-file'
  | 'tab-poll'
  | 'tab-return'
  | 'json-2'
  | 'xml-rpc'
  | 'api-login'
  | 'form-post'
  | 'xhr'
  | 'download'
  | 'page'
  | 'subresource'
  | 'head'
  | 'other'

/**
 * What the gateway answers itself. `health`: Odoo's own body for it. `alive`: 200 unless the last wake failed.
 * `later`: 503 with Retry-After, since any made-up content would be believed. `copy`: the copy that Odoo gave last,
 * else `later`.
 */
export type AsleepAnswer = 'health' | 'alive' | 'later' | 'copy'

export type Asleep =
  /** It waits for its answer. */
  | { readonly kind: 'hold' }
  /** It waits if the expected wake is short, else it gets the waiting page. */
  | { readonly kind: 'page' }
  /** The gateway keeps the connection. */
  | { readonly kind: 'park' }
  /** It waits without waking, until the environment is awake or Odoo's own time for it is over; awake it takes no turn. */
  | { readonly kind: 'poll' }
  /** A kept copy if there is one, else it waits. */
  | { readonly kind: 'cache' }
  | { readonly kind: 'answer'; readonly answer: AsleepAnswer }

export const hold: Asleep = { kind: 'hold' }
export const later: Asleep = { kind: 'answer', answer: 'later' }

/**
 * How a refusal of ours is worded. `text`: Odoo's web client takes any JSON without `error` for a success, and what it
 * cannot parse for a lost connection, after which it tries again; programs that speak JSON get a problem (RFC 9457).
 */
export type Wording = 'page' | 'problem' | 'text' | 'fault'

/** What one kind of request gets. */
export interface RequestClass {
  readonly name: RequestClassName
  /** Whether it starts an environment that is asleep; where it says `cache`, only when no copy is kept. */
  readonly wakes: boolean
  /** Whether it is a user's doing, from whose end the idle time counts. */
  readonly activity: boolean
  readonly asleep: Asleep
  readonly wording: Wording
  /** No header says that it logs in, and yet no wake limit refuses it. */
  readonly loginInBody?: true
}

/** One row of the table. */
export interface RequestClassRow extends RequestClass {
  /** Which requests, for people. */
  readonly which: string
  readonly reason: string
  readonly when: (request: RequestTraits) => boolean
}
