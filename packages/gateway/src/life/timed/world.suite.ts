import type { Life } from '../life.ts'
import type { LifeRecord } from '../record.ts'

/**
 * One environment, two gateways and a clock that stands still or goes on by a tick. It has no time of its own: now is
 * always 0, and a tick makes everything older by one. What is long ago is as good as older, so the worlds have an end.
 */
export interface World {
  readonly record: LifeRecord
  readonly gateways: readonly Gateway[]
  readonly scene: Scene
}

/** How many ticks things last. All are as short as they can be and still differ where they have to. */
export const ticks = {
  idle: 2,
  idleAfterSchedule: 1,
  circuit: 2,
  deadline: 3,
  keep: 2,
  /** Longer ago than any rule looks back. */
  ages: 2.5,
} as const

/** A gateway with what its shell remembers beside the life itself. */
export interface Gateway {
  readonly life: Life
  /** What the store answered to a write; not yet known to the gateway. */
  readonly answer: LifeRecord | undefined
  /** Until when schedules or a wake beyond its limit keep the environment awake; 0 when nothing does. */
  readonly keptUntil: number
  /** The life that it was told by hand to end, and has not seen ended. */
  readonly orderedFor: number | undefined
  readonly isTroubled: boolean
  readonly openUntil: number | undefined
  /** Why it would be woken here, and whether that is under way. */
  readonly cause: Cause | undefined
  readonly isWaking: boolean
  readonly wokeFor: Cause | undefined
  /** When it was last woken from here. */
  readonly wokenAt: number | undefined
  /** The truth, whatever the protocol makes of it: when a user of this gateway, or of its predecessor, was last seen. */
  readonly usedAt: number
  /** The truth: until when nobody is to wait for it, as it was told last. */
  readonly failedUntil: number | undefined
  /** The truth: until when those could have waited who have left before it was woken; 0 when nobody has. */
  readonly wantedUntil: number
  /** The truth: whether the last sleep that it proposed had been asked for. */
  readonly asks: boolean
  /** The truth: when it last called a sleep off. */
  readonly objectedAt: number
  /** It has put to sleep within this tick: the next look comes later. */
  readonly hasSwept: boolean
}

export type Cause = 'user' | 'schedule'

/** All that is no gateway's. */
export interface Scene {
  readonly process: Process
  readonly requests: readonly Request[]
  readonly service: Life['service']
  readonly budget: Budget
  /** Ticks so far that did not wait. */
  readonly delays: number
  /** Records written since the last thing that came from outside. */
  readonly writes: number
  /** When a sleep was last called off because of a user. */
  readonly calledOffAt: number
  /** The sleep that is being prepared was asked for. */
  readonly isAsked: boolean
  /** The life that the last order to sleep was meant for. */
  readonly orderedGeneration: number | undefined
  /** A promise that the last move has broken. */
  readonly foul: string | undefined
}

/** `failing`: it crashes, and does not come up before it is mended. */
export interface Process {
  readonly state: 'none' | 'starting' | 'failing' | 'ready' | 'sealed'
  readonly generation: number
}

export type Request = { readonly cause: Cause } & (
  | { readonly state: 'new' }
  /** `isBack`: it was sent, and refused. */
  | {
      readonly state: 'held'
      readonly gateway: Name
      readonly age: number
      readonly isBack?: boolean
    }
  /** `sent`: on its way. `taken`: tenant code runs. */
  | {
      readonly state: 'sent' | 'taken'
      readonly gateway: Name
      readonly age: number
      readonly generation: number
    }
  | { readonly state: 'ended'; readonly how: Ending }
)

export type Ending =
  | 'answered'
  | 'failed'
  | 'suspended'
  | 'disabled'
  | 'late'
  | 'left'
  | 'cut'
  | 'lost'

export type Name = 'g0' | 'g1'

export const names: readonly Name[] = ['g0', 'g1']

/** How often each thing may come from outside. */
export interface Budget {
  /** Users' signs that are no requests. */
  readonly signs: number
  readonly keeps: number
  readonly orders: number
  readonly failures: number
  readonly repairs: number
  /** A worker that is sealed and ended, and starts anew in its place: it has the same name. */
  readonly renewals: number
  readonly services: number
  readonly restarts: number
  /** Restarts of a gateway whose users go on being there. */
  readonly handovers: number
  /** Clients that leave while they wait. */
  readonly departures: number
  /** Ticks that do not wait until all that is on its way has come. */
  readonly delays: number
}

export interface Move {
  readonly name: string
  readonly world: World
  /** Comes from outside, at any time or never. */
  readonly isOutside?: boolean
  /** Takes no time worth a tick. */
  readonly isPrompt?: boolean
}

export function withScene(world: World, scene: Partial<Scene>): World {
  return { ...world, scene: { ...world.scene, ...scene } }
}

export function withRequest(world: World, index: number, request: Request): World {
  const requests = world.scene.requests.map((one, at) => (at === index ? request : one))
  return withScene(world, { requests })
}

export function withGateway(world: World, index: number, gateway: Gateway): World {
  return { ...world, gateways: world.gateways.map((one, at) => (at === index ? gateway : one)) }
}

/** What the first broken promise was. */
export function withFoul(world: World, foul: string | undefined): World {
  if (foul === undefined || world.scene.foul !== undefined) return world
  return withScene(world, { foul })
}

export function isOrdered({ orderedFor }: Gateway): boolean {
  return orderedFor !== undefined
}

/** A user was there within the idle time, whether the protocol knows it or not. */
export function hasUser({ usedAt }: Gateway): boolean {
  return 0 < usedAt + ticks.idle
}
