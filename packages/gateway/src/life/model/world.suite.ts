import type { Life } from '../life.ts'
import type { LifeRecord } from '../record.ts'
import type { LifeRules } from '../rules.ts'

/**
 * One environment with its process, its record and several gateways, in all orders in which things can happen: writes
 * and looks that come late, clients that leave, gateways that die or are frozen, processes that crash. Time stands
 * still and everything is always idle, which allows more than any clock would.
 */
export interface World {
  readonly record: LifeRecord
  /** All processes that were ever started; the last is the newest. */
  readonly processes: readonly Process[]
  readonly gateways: readonly GatewayState[]
  readonly requests: readonly Request[]
  readonly budget: Budget
  /** A promise that the last move has broken. */
  readonly foul: string | undefined
}

export interface Process {
  readonly generation: number
  readonly state: 'starting' | 'ready' | 'sealed' | 'gone'
}

export interface GatewayState {
  readonly life: Life
  readonly is: 'alive' | 'frozen' | 'dead'
  readonly hasLease: boolean
  /** What the store answered to a write; not yet known to the gateway. */
  readonly answer: LifeRecord | undefined
  /** The truth, whatever the protocol remembers: the last process that has refused for good. */
  readonly refusedBy: string | undefined
  /** The truth: a client has left before what it wanted was woken. */
  readonly isWanted: boolean
}

/** `sent`: on its way to a process. `taken`: tenant code runs. */
export type Request =
  | { readonly state: 'new' | 'ended' | 'lost' }
  /** `process`: one that has refused it because it is sealed. */
  | { readonly state: 'held'; readonly gateway: number; readonly process?: number }
  | { readonly state: 'sent' | 'taken'; readonly gateway: number; readonly process: number }
  | { readonly state: 'replied' | 'refused'; readonly gateway: number; readonly process: number }

export interface Budget {
  readonly sweeps: number
  /** Sweeps that were asked for by hand. */
  readonly orders: number
  readonly gatewayDeaths: number
  readonly freezes: number
  readonly crashes: number
  readonly departures: number
}

export interface Move {
  readonly name: string
  readonly world: World
}

/** What Odoo's side of the protocol promises. */
export interface ProcessRules {
  /** A sealed process answers 421 before any tenant code runs. */
  readonly refusesWhenSealed: boolean
  /** It ends only when nothing runs any more. */
  readonly finishesBeforeExit: boolean
  /** Only a sealed process is told to end. */
  readonly isSealedBeforeExit: boolean
  /** Whether it takes what is meant for somebody: an address is given away again when a process is gone. */
  isForMe(meant: Identity, own: Identity): boolean
}

export interface Identity {
  readonly environment: 'ours' | 'foreign'
  readonly process: number
}

/** What the store promises. */
export interface StoreRules {
  /** Whether the record that stands there is the one that a writer has known: any other it leaves as it is. */
  isSame(expected: LifeRecord, standing: LifeRecord): boolean
}

/** All that can be broken on purpose. */
export interface Rules {
  readonly life: LifeRules
  readonly process: ProcessRules
  readonly store: StoreRules
}

export function withProcess(world: World, index: number, process: Process): World {
  return { ...world, processes: world.processes.map((one, at) => (at === index ? process : one)) }
}

export function withRequest(world: World, index: number, request: Request): World {
  return { ...world, requests: world.requests.map((one, at) => (at === index ? request : one)) }
}

export function withGateway(world: World, index: number, gateway: GatewayState): World {
  return { ...world, gateways: world.gateways.map((one, at) => (at === index ? gateway : one)) }
}

/** What looking at the addresses tells at this moment. */
export function backendOf({ processes }: World): Life['backend'] {
  const index = processes.findIndex(({ state }) => state !== 'gone')
  const process = processes[index]
  if (process === undefined) return { status: 'gone' }
  if (process.state === 'ready') return { status: 'ready', process: String(index) }
  return { status: process.state === 'sealed' ? 'stopping' : 'starting' }
}
