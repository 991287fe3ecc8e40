import type { ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'
import type { Forward } from '../decide.ts'
import type { Lives } from '../life/lives.ts'
import { wakeStatusAnswer } from '../pages/waiting-page.ts'
import { wakeStatusPath } from '../pages/wake-status.ts'
import type { OwnQuestions } from './own-questions.ts'
import type { Resting } from './resting.ts'
import { sendPlain } from './send.ts'
import type { Shelf } from './shelf.ts'
import type { Visit } from './visit.ts'
import type { Admitted, Waiting } from './waiting.ts'

/** A promise only where something has to be looked up: most requests go on in the same breath. */
export type Admit = (
  visit: Visit<Forward>,
  response: ServerResponse,
) => Admitted | Promise<Admitted>

export interface AdmittingDeps {
  readonly lives: () => Lives
  readonly clock: Clock
  readonly shelf: Shelf
  readonly waiting: Waiting
  readonly resting: Resting
  readonly ownQuestions: OwnQuestions
}

/** Which way a request goes, by the state of its environment. */
export function createAdmitting(deps: AdmittingDeps): Admit {
  const { lives, clock, shelf, waiting, resting, ownQuestions } = deps

  function admitAwake(visit: Visit<Forward>, response: ServerResponse) {
    const served = shelf.serve(visit, response, false)
    return served instanceof Promise ? served.then(admittedIf) : admittedIf(served)
  }

  async function admitResting(visit: Visit<Forward>, response: ServerResponse): Promise<Admitted> {
    if (await shelf.serve(visit, response, true)) return 'answered'
    const { route, authority } = visit.decision
    const view = lives().view(route.environment)
    if (view === undefined || view.state === 'awake') return 'go'
    const admitted = await resting(visit, response, view)
    if (admitted === 'answered') visit.handled = 'asleep'
    const { scheme } = visit.client
    if (visit.row.wakes) ownQuestions.visited(route.environment, { authority, scheme })
    return admitted
  }

  function tellWake(visit: Visit<Forward>, response: ServerResponse): Admitted {
    const view = lives().view(visit.decision.route.environment)
    const wake = waiting.stateOf(visit, view)
    sendPlain(visit.request, response, wakeStatusAnswer(wake, clock.now()))
    return 'answered'
  }

  return (visit, response) => {
    const { route, path } = visit.decision
    if (path === wakeStatusPath) return tellWake(visit, response)
    if (lives().state(route.environment) === 'awake') return admitAwake(visit, response)
    const seen = lives().view(route.environment)?.state
    if (seen === undefined || seen === 'suspended' || seen === 'disabled') return 'go'
    return seen === 'awake' ? admitAwake(visit, response) : admitResting(visit, response)
  }
}

function admittedIf(isServed: boolean): Admitted {
  return isServed ? 'answered' : 'go'
}
