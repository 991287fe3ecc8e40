import type { ServerResponse } from 'node:http'
import type { Log } from '@pulse/api'
import type { Clock } from '../clock.ts'
import type { Forward } from '../decide.ts'
import type { Histories } from '../history/histories.ts'
import type { LifeView } from '../life/life-view.ts'
import type { Lives } from '../life/lives.ts'
import { preferredLanguage } from '../pages/page.ts'
import { publicReason } from '../pages/public-reason.ts'
import { createSharedPages } from '../pages/shared-pages.ts'
import type { WakeState } from '../pages/wake-status.ts'
import type { WakeWatch } from '../pages/wake-watch.ts'
import type { Limited } from './limited.ts'
import { sendPlain } from './send.ts'
import type { Shelf } from './shelf.ts'
import type { Visit } from './visit.ts'

/** `go`: it asks for its turn, and waits for it if it must. */
export type Admitted = 'go' | 'answered'

export interface WaitingDeps {
  readonly lives: () => Lives
  readonly clock: Clock
  readonly watch: WakeWatch
  readonly limited: Limited
  readonly histories: Histories
  readonly shelf: Shelf
  readonly log: Log
}

/** People who wait for a page of an environment that is not awake. */
export interface Waiting {
  /** What is told to a page that waits. */
  stateOf(visit: Visit<Forward>, view: LifeView | undefined): WakeState
  /** Wakes it, whatever the visitor sees and whether they stay. */
  wake(environment: string): void
  /** Waits where that is short, else shows the page. */
  admit(visit: Visit<Forward>, response: ServerResponse, view: LifeView): Promise<Admitted>
  /** The wake takes longer than was to be expected: the page, unless it is just over. */
  tellLate(visit: Visit<Forward>, response: ServerResponse): Admitted
  show(visit: Visit<Forward>, response: ServerResponse, wake: ShownState): Admitted
}

type ShownState = Extract<WakeState, { readonly state: 'waking' | 'failed' | 'limited' }>

/** A wait under that is less to notice than a page that changes. */
const soonMs = 2_000
/** What a wake takes is not known before the first one: then a person is told what goes on. */
const unknownWakeMs = 5_000

export function createWaiting(deps: WaitingDeps): Waiting {
  const { lives, clock, watch, limited, histories, shelf, log } = deps
  const pageOf = createSharedPages(clock.now)

  function stateOf({ client, decision }: Visit<Forward>, view: LifeView | undefined): WakeState {
    const { environment } = decision.route
    const retryAtMs = limited.until(environment, client.address)
    // One that stops is being woken only if somebody wants it.
    const isLeft = view?.state === 'stopping' && !view.isWanted
    const state = isLeft ? 'asleep' : (view?.state ?? 'asleep')
    if (state === 'asleep' && retryAtMs !== undefined) return { state: 'limited', retryAtMs }
    const reason = publicReason(view?.sight.trouble)
    return watch.stateOf(environment, state, {
      expectedMs: histories.of(environment)?.wakeTimes()?.p50Ms ?? unknownWakeMs,
      hasAddress: view !== undefined && view.sight.starting.length + view.sight.ready.length > 0,
      ...(view?.failedUntil !== undefined && { failedUntil: view.failedUntil }),
      ...(reason !== undefined && { reason }),
    })
  }

  function wake(environment: string) {
    lives()
      .wake(environment, 'request')
      // Whoever is shown the page counts from when they can use it, however long the start took.
      .then((outcome) => outcome === 'awake' && lives().active(environment))
      .catch((error: unknown) => log.error({ err: error, environment }, 'wake failed'))
  }

  function show(
    { request, decision }: Visit<Forward>,
    response: ServerResponse,
    shown: ShownState,
  ): Admitted {
    const { environment, displayName } = decision.route
    const logo = shelf.logo(environment, decision.authority)
    const answer = pageOf(environment, {
      wake: shown,
      language: preferredLanguage(request.headers['accept-language']),
      displayName,
      ...(logo !== undefined && { logo }),
    })
    sendPlain(request, response, answer)
    return 'answered'
  }

  return {
    stateOf,
    wake,
    show,
    async admit(visit, response, view) {
      const { environment } = visit.decision.route
      if (view.held === 0 && view.state !== 'failed') wake(environment)
      if (histories.of(environment) === undefined) await histories.loaded(environment)
      const waking = stateOf(visit, lives().view(environment))
      if (waking.state === 'ready' || waking.state === 'asleep') return 'go'
      if (waking.state !== 'waking' || !isSoon(waking, clock.now())) {
        return show(visit, response, waking)
      }
      visit.patienceMs = soonMs
      return 'go'
    },
    tellLate(visit, response) {
      const waking = stateOf(visit, lives().view(visit.decision.route.environment))
      if (waking.state === 'ready' || waking.state === 'asleep') return 'go'
      visit.handled = 'asleep'
      return show(visit, response, waking)
    },
  }
}

function isSoon(
  { startedAtMs, expectedMs }: Extract<WakeState, { readonly state: 'waking' }>,
  now: number,
): boolean {
  const leftMs = startedAtMs + expectedMs - now
  return leftMs > 0 && leftMs < soonMs
}
