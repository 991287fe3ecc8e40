import type { WakeTemperature } from './life/wake-facts.ts'

/** Where the gateway learns which host belongs to which environment; `apps/pulse` implements it over resources. */
export interface RouteSource {
  /** `host` is lower-case, without port and trailing dot. Constant time: called on every request. */
  find(host: string): Route | undefined
  /**
   * Tells the environment of this name from others that had it before; undefined when there is none now. Left out where
   * no name is given twice. Constant time: called on every request.
   */
  uidOf?(environment: string): string | undefined
}

/** One host that is known, and what stands behind it. */
export interface Route {
  /** Name of the environment, for logs and metrics. */
  readonly environment: string
  /** The one hostname that Odoo sees; an alias is redirected to it. Also the name of the database. */
  readonly hostname: string
  /** What people call it, for pages. */
  readonly displayName: string
  readonly state: RouteState
}

/** Why is not told: whoever visits may read what the gateway says, and reasons are for operators. */
export type RouteState =
  /** `isNew`: no worker has ever been ready, so a wait for one is part of its making. */
  | { readonly phase: 'serving'; readonly isNew?: boolean }
  | { readonly phase: 'creating' }
  | { readonly phase: 'failed' }
  | { readonly phase: 'suspended' }
  | { readonly phase: 'disabled' }

/** Where one process of an environment is asked. */
export interface Backend {
  readonly address: string
  readonly httpPort: number
  /** Where `/websocket` and long-polling are answered: the same port unless Odoo runs workers. */
  readonly websocketPort: number
  /** The process that listens there (its pod's uid): the same address may be another's tomorrow. */
  readonly process?: string
  /** How its process came to be, where that is told; absent, it was started plainly. */
  readonly startedAs?: WakeTemperature
  /** What the backend must be told to believe that it is meant; absent where nothing guards it. */
  readonly identity?: string
  /** What it must be told to believe that Pulse itself asks, and no visitor. */
  readonly control?: string
}
