import type { ProblemSlug } from '@pulse/api'
import type { NoTurn } from './life/turn.ts'
import type { WakeVerdict } from './limits/wake-limits.ts'
import type { PageName } from './pages/texts.ts'
import type { Route } from './route-source.ts'

/** What the gateway says itself; status and title stand in the catalogue of problems. */
export interface Answer {
  readonly problem: ProblemSlug
  readonly page: PageName
  /** One sentence for programs; people get the page. Anyone may read it: no word of operators or tenants. */
  readonly detail: string
  readonly displayName?: string
  readonly retryAfterSeconds?: number
}

export const badRequest: Answer = {
  problem: 'bad-request',
  page: 'bad-request',
  detail: 'The request target or the Host header is not valid.',
}

export const hostNotFound: Answer = {
  problem: 'host-not-found',
  page: 'not-found',
  detail: 'No environment is served at this host.',
}

/** At this machine's own name: somebody has opened what `pulse up` printed, without a tenant before it. */
export const frontDoor: Answer = {
  problem: 'host-not-found',
  page: 'front',
  detail: 'Pulse runs here; each environment answers at a host of its own.',
}

export const websocketNotServed: Answer = {
  problem: 'websocket-not-served',
  page: 'not-found',
  detail: 'A WebSocket is served at /websocket only.',
}

export const badHandshake: Answer = {
  problem: 'bad-request',
  page: 'bad-request',
  detail: 'This is no valid handshake of a WebSocket.',
}

export const websocketVersion: Answer = {
  problem: 'websocket-version',
  page: 'bad-request',
  detail: 'WebSocket is served in version 13 only.',
}

export const tooManyWebsockets: Answer = {
  problem: 'too-many-websockets',
  page: 'unavailable',
  detail: 'No further WebSocket can be opened at the moment.',
  retryAfterSeconds: 30,
}

export const bodyTooLarge: Answer = {
  problem: 'body-too-large',
  page: 'too-large',
  detail: 'The request body is larger than this platform accepts.',
}

export const requestTimeout: Answer = {
  problem: 'request-timeout',
  page: 'too-slow',
  detail: 'The rest of the request body did not arrive in time.',
}

export const backendTimeout: Answer = {
  problem: 'backend-timeout',
  page: 'unavailable',
  detail: 'The environment did not answer within the time limit.',
  retryAfterSeconds: 5,
}

export const backendUnreachable: Answer = {
  problem: 'backend-unreachable',
  page: 'unavailable',
  detail: 'The environment broke off the connection before it answered.',
  retryAfterSeconds: 5,
}

export const backendMoved: Answer = {
  problem: 'backend-moved',
  page: 'unavailable',
  detail: 'The environment has moved to another process; nothing of the request was carried out.',
  retryAfterSeconds: 1,
}

/** By the limits of wakes; `address` is the client's own doing. */
export function wakeLimited(
  { displayName }: Route,
  { beyond, retryAfterSeconds }: Extract<WakeVerdict, { readonly allowed: false }>,
): Answer {
  const about = { page: 'resting', displayName, retryAfterSeconds } as const
  if (beyond === 'address') {
    return {
      problem: 'too-many-wakes',
      detail: 'This address has woken too many environments within an hour.',
      ...about,
    }
  }
  return {
    problem: 'wake-limited',
    detail: 'The environment sleeps, and wakes are limited at the moment.',
    ...about,
  }
}

/** Why a known host is not served at the moment. */
export function absence({ state, displayName }: Route): Answer {
  switch (state.phase) {
    case 'creating':
      return beingMade(displayName)
    case 'failed':
      return {
        problem: 'environment-failed',
        page: 'failed',
        detail: 'The environment could not be started.',
        displayName,
        retryAfterSeconds: 30,
      }
    case 'suspended':
      return {
        problem: 'environment-suspended',
        page: 'suspended',
        detail: 'The environment is suspended.',
        displayName,
      }
    case 'disabled':
      return {
        problem: 'environment-disabled',
        page: 'disabled',
        detail: 'The environment is switched off.',
        displayName,
      }
    case 'serving':
      if (state.isNew) return beingMade(displayName)
      return {
        problem: 'environment-unavailable',
        page: 'unavailable',
        detail: 'No worker of this environment is ready.',
        displayName,
        retryAfterSeconds: 5,
      }
  }
}

function beingMade(displayName: string): Answer {
  return {
    problem: 'environment-creating',
    page: 'creating',
    detail: 'The environment is being made; it takes a few seconds.',
    displayName,
    retryAfterSeconds: 2,
  }
}

/** Why a request did not get its turn. */
export function turnedAway(because: NoTurn['because'], route: Route): Answer {
  switch (because) {
    case 'suspended':
    case 'disabled':
    case 'failed':
      return absence({ ...route, state: { phase: because } })
    case 'full':
      return {
        problem: 'too-many-waiting',
        page: 'unavailable',
        detail: 'Too many requests wait for this environment already.',
        displayName: route.displayName,
        retryAfterSeconds: 5,
      }
    case 'late':
    case 'left':
    case 'unknown':
      return absence(route)
  }
}
