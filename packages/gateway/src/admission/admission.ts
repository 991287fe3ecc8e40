import type { ServerResponse } from 'node:http'
import type { Log } from '@pulse/api'
import type { Monitors } from '../classes/monitors.ts'
import { createSearchEngineVisits } from '../classes/search-engine-visits.ts'
import type { Clock } from '../clock.ts'
import type { Forward } from '../decide.ts'
import { createHistories } from '../history/histories.ts'
import type { HistoryStore } from '../history/history-store.ts'
import type { LifeState } from '../life/life-state.ts'
import type { Lives } from '../life/lives.ts'
import type { WakeFacts } from '../life/wake-facts.ts'
import { createWakeJudge, defaultWakeLimits, type WakeLimits } from '../limits/wake-limits.ts'
import { createWakeWatch } from '../pages/wake-watch.ts'
import type { RouteSource } from '../route-source.ts'
import { createKeptCopies, defaultKeptLimits, type KeptLimits } from '../static/kept-copies.ts'
import { createStaticFiles } from '../static/static-files.ts'
import type { StaticSource } from '../static/static-folders.ts'
import { type Admit, createAdmitting } from './admitting.ts'
import { createKeptPolls, type KeptPolls } from './kept-polls.ts'
import { createLimited } from './limited.ts'
import { createOwnQuestions } from './own-questions.ts'
import { createResting } from './resting.ts'
import { createShelf, type Keeper } from './shelf.ts'
import type { Visit } from './visit.ts'
import { type Admitted, createWaiting } from './waiting.ts'
import { createWakeDoor, type Waking } from './wake-door.ts'

/** What the operator and the platform say about who gets what. */
export interface AdmissionSettings {
  /** Addresses and ranges whose word about a client counts; none if absent. */
  readonly trustedProxies?: readonly string[]
  readonly monitors?: Monitors
  readonly wakes?: Partial<WakeLimits>
  readonly kept?: Partial<KeptLimits>
  /** Absent, Odoo serves all its files itself. */
  readonly files?: { readonly source: StaticSource; readonly owners: readonly number[] }
  /** Absent, histories begin and end with the gateway. */
  readonly histories?: HistoryStore
  /** After a wake, before the gateway asks its own questions. */
  readonly ownQuestionsDelayMs?: number
}

export interface AdmissionOptions {
  readonly settings: AdmissionSettings
  readonly routes: Pick<RouteSource, 'uidOf'>
  readonly lives: () => Lives
  readonly clock: Clock
  readonly log: Log
}

/** What a request gets before it asks for its turn, by its class; and what is learnt from those that pass. */
export interface Admission {
  readonly admit: Admit
  /** It has waited for its turn as long as its visit has patience. */
  tellLate(visit: Visit<Forward>, response: ServerResponse): Admitted
  /** For what is no request: whether it may wake this environment, which counts as a wake. */
  mayWake(waking: Waking): boolean
  readonly polls: Pick<KeptPolls, 'keep' | 'hold'>
  /** Whether it was a user’s doing. */
  finished(visit: Visit<Forward>): boolean
  keeperFor(visit: Visit<Forward>): Keeper | undefined
  noteState(environment: string, state: LifeState): void
  noteWake(facts: WakeFacts): void
  /** It is gone, or another one by now: nothing of it is known to whoever has its name next. */
  forget(environment: string): void
  /** The gateway begins to end: nobody waits for what may never come. */
  endPolls(): void
  close(): Promise<void>
}

const ownQuestionTimeoutMs = 10_000

export function createAdmission({
  settings,
  routes,
  lives,
  clock,
  log,
}: AdmissionOptions): Admission {
  const { files, wakes, kept } = settings
  const now = () => Date.now()
  const closed = new AbortController()
  const copies = createKeptCopies(clock.now, { ...defaultKeptLimits, ...kept })
  const shelf = createShelf(copies, files && createStaticFiles({ ...files, now }))
  const uidOf = (environment: string) => (routes.uidOf ? routes.uidOf(environment) : '')
  const histories = createHistories({ store: settings.histories, uidOf, clock, now, log })
  const watch = createWakeWatch(clock.now)
  const limited = createLimited(clock.now)
  const judge = createWakeJudge(clock.now, { ...defaultWakeLimits, ...wakes })
  const searchEngines = createSearchEngineVisits(clock.now)
  const waiting = createWaiting({ lives, clock, watch, limited, histories, shelf, log })
  const door = createWakeDoor({ lives, clock, judge, limited })
  const polls = createKeptPolls(clock)
  const resting = createResting({ clock, door, waiting, searchEngines, shelf })
  const ownQuestions = createOwnQuestions({
    lives,
    copies,
    clock,
    log,
    signal: closed.signal,
    delayMs: settings.ownQuestionsDelayMs ?? 1_000,
    timeoutMs: ownQuestionTimeoutMs,
  })
  const admitting = createAdmitting({ lives, clock, shelf, waiting, resting, ownQuestions })

  return {
    admit: admitting,
    tellLate: waiting.tellLate,
    polls,
    mayWake(waking) {
      const view = lives().view(waking.environment)
      return view === undefined || door(waking, view) === undefined
    },
    finished({ row, decision }) {
      const { environment } = decision.route
      if (row.name === 'search-engine-due') searchEngines.countVisit(environment)
      if (row.activity) histories.countActivity(environment)
      return row.activity
    },
    keeperFor: shelf.keeperFor,
    noteState(environment, state) {
      watch.note(environment, state)
      polls.noteState(environment, state)
    },
    noteWake({ environment, ...wake }) {
      histories.addWake(environment, { atMs: Math.round(now() - wake.durationMs), ...wake })
      ownQuestions.woke(environment)
    },
    forget(environment) {
      copies.empty(environment)
      watch.forget(environment)
      limited.lift(environment)
      judge.forget(environment)
      searchEngines.forget(environment)
      histories.remove(environment)
    },
    endPolls: polls.endAll,
    async close() {
      closed.abort()
      await histories.close()
    },
  }
}
