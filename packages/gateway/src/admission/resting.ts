import type { ServerResponse } from 'node:http'
import { absence, wakeLimited } from '../answers.ts'
import { asleepAnswer } from '../classes/asleep-answers.ts'
import type { AsleepAnswer } from '../classes/request-class.ts'
import type { SearchEngineVisits } from '../classes/search-engine-visits.ts'
import type { Clock } from '../clock.ts'
import type { Forward } from '../decide.ts'
import type { LifeView } from '../life/life-view.ts'
import { sendAnswer } from '../send-answer.ts'
import { sendPlain, sendWorded } from './send.ts'
import type { Shelf } from './shelf.ts'
import type { Visit } from './visit.ts'
import type { Admitted, Waiting } from './waiting.ts'
import { type WakeDoor, type WakeRefusal, wakingOf } from './wake-door.ts'

export interface RestingDeps {
  readonly clock: Clock
  readonly door: WakeDoor
  readonly waiting: Waiting
  readonly searchEngines: SearchEngineVisits
  readonly shelf: Shelf
}

/** What visitors get, by their class, whose environment is not awake and for whom there is no copy. */
export type Resting = (
  visit: Visit<Forward>,
  response: ServerResponse,
  view: LifeView,
) => Admitted | Promise<Admitted>

/** For programs that come by themselves: no person waits for them. */
export const laterSeconds = 300

export function createResting({
  clock,
  door,
  waiting,
  searchEngines,
  shelf,
}: RestingDeps): Resting {
  function answerItself(
    { request }: Visit<Forward>,
    response: ServerResponse,
    { answer, view }: { readonly answer: AsleepAnswer; readonly view: LifeView },
  ): Admitted {
    const failed = view.state === 'failed'
    const retryAfterSeconds = failed ? secondsUntil(view.failedUntil) : laterSeconds
    sendPlain(request, response, asleepAnswer(answer, { failed, retryAfterSeconds }))
    return 'answered'
  }

  function secondsUntil(time = Number.POSITIVE_INFINITY): number {
    const seconds = Math.ceil((time - clock.now()) / 1_000)
    return Math.max(1, Math.min(seconds, laterSeconds))
  }

  function refuse(visit: Visit<Forward>, response: ServerResponse, refusal: WakeRefusal): Admitted {
    const { request, decision, row } = visit
    if (row.asleep.kind === 'page' && refusal.beyond !== 'address') {
      const retryAtMs = clock.now() + refusal.retryAfterSeconds * 1_000
      return waiting.show(visit, response, { state: 'limited', retryAtMs })
    }
    const answer = wakeLimited(decision.route, refusal)
    sendWorded(request, response, { answer, wording: row.wording })
    return 'answered'
  }

  function noteDue(visit: Visit<Forward>) {
    const { route, authority } = visit.decision
    if (visit.row.name !== 'search-engine') return
    const robots = shelf.robots(route.environment, authority)
    if (searchEngines.isDue(route.environment, robots)) visit.becomeDue()
  }

  return (visit, response, view) => {
    noteDue(visit)
    const { asleep, wakes } = visit.row
    if (asleep.kind === 'answer') {
      return answerItself(visit, response, { answer: asleep.answer, view })
    }
    if (asleep.kind === 'poll') return 'go'
    if (!wakes) return answerItself(visit, response, { answer: 'later', view })
    const refusal = door(wakingOf(visit), view)
    if (refusal !== undefined) return refuse(visit, response, refusal)
    // One that was about to sleep goes on at once.
    if (asleep.kind !== 'page' || view.state === 'draining') return 'go'
    const { route } = visit.decision
    if (route.state.phase !== 'serving' || !route.state.isNew) {
      return waiting.admit(visit, response, view)
    }
    if (view.held === 0) waiting.wake(route.environment)
    sendAnswer(visit.request, response, absence(route))
    return 'answered'
  }
}
