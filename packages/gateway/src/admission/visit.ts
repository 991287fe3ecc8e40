import type { IncomingMessage } from 'node:http'
import { classify } from '../classes/classify.ts'
import type { Monitors } from '../classes/monitors.ts'
import type { RequestClassRow } from '../classes/request-class.ts'
import type { Client } from '../client-address.ts'
import type { Decision, Forward } from '../decide.ts'

/** How a request came by its answer, when nothing else stood in its way. */
export type Handled =
  /** It went to its environment at once. */
  | 'forwarded'
  /** It waited until its environment was awake. */
  | 'held'
  /** From a kept copy or a file of the runtime. */
  | 'copy'
  /** The gateway’s own word, since the environment was not awake. */
  | 'asleep'

export interface VisitOptions<D extends Decision> {
  readonly client: Client
  readonly decision: D
  readonly monitors: Monitors | undefined
}

/** One request on its way through the gateway, and what is noted of it until its end. */
export class Visit<D extends Decision = Decision> {
  readonly request: IncomingMessage
  readonly client: Client
  readonly decision: D
  handled: Handled = 'forwarded'
  /** Its backend had moved when too much of its body was sent to send it elsewhere. */
  raced = false
  /** For how many milliseconds somebody looks at an empty page before it is told what goes on; undefined: for ever. */
  patienceMs: number | undefined
  readonly #monitors: Monitors | undefined
  #row: RequestClassRow | undefined

  constructor(request: IncomingMessage, { client, decision, monitors }: VisitOptions<D>) {
    this.request = request
    this.client = client
    this.decision = decision
    this.#monitors = monitors
  }

  /** Its class: made out when it is first asked for, since what is awake needs it at the end only. */
  get row(): RequestClassRow {
    this.#row ??= this.#classify(false)
    return this.#row
  }

  /** A search engine’s visit is due: from now on it is of the class that wakes. */
  becomeDue() {
    this.#row = this.#classify(true)
  }

  isToForward(): this is Visit<Forward> {
    return this.decision.kind === 'forward'
  }

  #classify(searchEnginesDue: boolean): RequestClassRow {
    const { method = 'GET', url = '/', headers } = this.request
    const path = this.decision.kind === 'forward' ? this.decision.path : undefined
    return classify({ method, target: url, ...(path !== undefined && { path }) }, headers, {
      clientAddress: this.client.address,
      searchEnginesDue,
      ...(this.#monitors !== undefined && { monitors: this.#monitors }),
    })
  }
}
