import type { IncomingHttpHeaders } from 'node:http'
import type { KindDefinition, KindRegistry, KubeObject, Log } from '@pulse/api'
import type { UseRates } from '../machine/pod-runner/use-rates.ts'
import type { Objects } from '../objects.ts'
import type { Subresource } from './verbs.ts'

/** Who calls, as far as the token tells. */
export interface User {
  readonly name: string
  readonly groups?: readonly string[]
}

export interface LogRequest {
  readonly pod: KubeObject
  readonly container: string
  /** The run before the last restart. */
  readonly previous: boolean
  readonly follow: boolean
  readonly tailLines?: number
  /** RFC 3339. */
  readonly sinceTime?: string
  readonly limitBytes?: number
}

/** Opens the log of a container; a log that is not there is a `StatusError`. */
export type OpenLog = (
  request: LogRequest,
  signal: AbortSignal,
) => Promise<AsyncIterable<Uint8Array>>

/** What comes of a change of one of Kubernetes' own kinds, where it is not what it seems; told as warnings. */
export type AdviceOn = (before: KubeObject, after: KubeObject) => readonly string[]

/** What all requests share. */
export interface Server {
  readonly objects: Objects
  readonly kinds: KindRegistry
  readonly openLog: OpenLog
  readonly adviceOn: AdviceOn
  /** What pods use now; absent where nothing is measured. */
  readonly podUse?: (() => Promise<UseRates>) | undefined
  /** Of Pulse, `0.1.0`. */
  readonly version: string
  readonly log: Log
  readonly now: () => Date
}

/** One request, authenticated and with its path taken apart. */
export interface Call {
  readonly method: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly user: User
  readonly server: Server
  /** Aborted when the client has gone or the server closes. */
  readonly signal: AbortSignal
  readonly readBody: () => Promise<Buffer>
}

/** A call about a kind the server knows. */
export interface ResourceCall extends Call {
  readonly definition: KindDefinition
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly subresource: Subresource | undefined
}

/** A call about one object. */
export interface ObjectCall extends ResourceCall {
  readonly name: string
}
