import type { ProblemSlug } from '@pulse/api'
import type { NoTurn } from './life/turn.ts'
import type { WakeVerdict } from './limits/wake-limits.ts'
import type { PageName } from './pages/texts.ts'
import type { Route, RouteState } from './route-source.ts'

/** What the gateway says itself; status and title stand in the catalogue of problems. */
export interface Answer {
  readonly problem: ProblemSlug
  readonly page: PageName
  /** One sentence for programs; people get the page. Anyone may read it: no word of operators or tenants. */
  readonly detail: string
  readonly displayName?: string
  readonly retryAfterSeconds?: number
}

export const badRequest = answer(
  'bad-request',
  'bad-request',
  'The request target or the Host header is not valid.',
)

export const hostNotFound = answer(
  'host-not-found',
  'not-found',
  'No environment is served at this host.',
)

/** At this machine's own name: somebody has opened what `pulse up` printed, without a tenant before it. */
export const frontDoor = answer(
  'host-not-found',
  'front',
  'Pulse runs here; each environment answers at a host of its own.',
)

export const websocketNotServed = answer(
  'websocket-not-served',
  'not-found',
  'A WebSocket is served at /websocket only.',
)

export const badHandshake = answer(
  'bad-request',
  'bad-request',
  'This is no valid handshake of a WebSocket.',
)

export const websocketVersion = answer(
  'websocket-version',
  'bad-request',
  'WebSocket is served in version 13 only.',
)

export const tooManyWebsockets = unavailable(
  'too-many-websockets',
  'No further WebSocket can be opened at the moment.',
  30,
)

export const bodyTooLarge = answer(
  'body-too-large',
  'too-large',
  'The request body is larger than this platform accepts.',
)

export const requestTimeout = answer(
  'request-timeout',
  'too-slow',
  'The rest of the request body did not arrive in time.',
)

export const backendTimeout = unavailable(
  'backend-timeout',
  'The environment did not answer within the time limit.',
  5,
)

export const backendUnreachable = unavailable(
  'backend-unreachable',
  'The environment broke off the connection before it answered.',
  5,
)

export const backendMoved = unavailable(
  'backend-moved',
  'The environment has moved to another process; nothing of the request was carried out.',
  1,
)

const tooManyWaiting = unavailable(
  'too-many-waiting',
  'Too many requests wait for this environment already.',
  5,
)

/** The client's own doing. */
const tooManyWakes = answer(
  'too-many-wakes',
  'resting',
  'This address has woken too many environments within an hour.',
)

const wakesLimited = answer(
  'wake-limited',
  'resting',
  'The environment sleeps, and wakes are limited at the moment.',
)

/** Why a known host is not served. */
const absences: Readonly<Record<RouteState['phase'], Answer>> = {
  creating: {
    ...answer(
      'environment-creating',
      'creating',
      'The environment is being made; it takes a few seconds.',
    ),
    retryAfterSeconds: 2,
  },
  failed: {
    ...answer('environment-failed', 'failed', 'The environment could not be started.'),
    retryAfterSeconds: 30,
  },
  suspended: answer('environment-suspended', 'suspended', 'The environment is suspended.'),
  disabled: answer('environment-disabled', 'disabled', 'The environment is switched off.'),
  serving: unavailable('environment-unavailable', 'No worker of this environment is ready.', 5),
}

/** By the limits of wakes. */
export function wakeLimited(
  { displayName }: Route,
  { beyond, retryAfterSeconds }: Extract<WakeVerdict, { readonly allowed: false }>,
): Answer {
  const limited = beyond === 'address' ? tooManyWakes : wakesLimited
  return { ...limited, displayName, retryAfterSeconds }
}

/** Why a known host is not served at the moment. */
export function absence({ state, displayName }: Route): Answer {
  const isMaking = state.phase === 'serving' && state.isNew
  return { ...absences[isMaking ? 'creating' : state.phase], displayName }
}

/** Why a request did not get its turn. */
export function turnedAway(because: NoTurn['because'], route: Route): Answer {
  switch (because) {
    case 'suspended':
    case 'disabled':
    case 'failed':
      return absence({ ...route, state: { phase: because } })
    case 'full':
      return { ...tooManyWaiting, displayName: route.displayName }
    case 'late':
    case 'left':
    case 'unknown':
      return absence(route)
  }
}

function answer(problem: ProblemSlug, page: PageName, detail: string): Answer {
  return { problem, page, detail }
}

/** It may be otherwise soon. */
function unavailable(problem: ProblemSlug, detail: string, retryAfterSeconds: number): Answer {
  return { problem, page: 'unavailable', detail, retryAfterSeconds }
}
