import type { ServerResponse } from 'node:http'
import type { Admission } from './admission/admission.ts'
import type { PollEnd } from './admission/kept-polls.ts'
import { laterSeconds } from './admission/resting.ts'
import { sendPlain } from './admission/send.ts'
import type { Visit } from './admission/visit.ts'
import { backendUnreachable } from './answers.ts'
import { asleepAnswer } from './classes/asleep-answers.ts'
import type { Forward } from './decide.ts'
import { forward } from './forward/forward.ts'
import type { Outgoing } from './forward/outgoing.ts'
import type { Lives } from './life/lives.ts'
import { outgoingOf } from './outgoing-of-visit.ts'
import type { PollProtocol } from './parked/parked-protocol.ts'
import type { PlainAnswer } from './plain-answer.ts'
import type { Backend } from './route-source.ts'
import { sendAnswer } from './send-answer.ts'

export interface Polling extends Pick<Outgoing, 'means'> {
  readonly admission: Pick<Admission, 'polls'>
  readonly lives: Lives
  readonly polls: PollProtocol
}

/** A worker that breaks a poll off sooner did not end in its midst: its client is to take its time before the next. */
const brokenMs = 1_000

/** Of an environment that is awake nobody tells when another worker of it can be asked: it is looked at again. */
const againMs = 1_000

/**
 * A long poll. It is sent to an environment that is awake without a turn: it keeps nobody awake, and no sleep waits for
 * it. When its worker ends, it is answered that there is nothing new: its client asks again for all that came after the
 * last that it has, and that poll is kept here until the environment wakes. False for an environment out of service.
 */
export async function servePoll(
  visit: Visit<Forward>,
  response: ServerResponse,
  polling: Polling,
): Promise<boolean> {
  const poll = { visit, response, polling, until: polling.lives.now() + polling.polls.waitMs }
  let outgoing: Outgoing | undefined
  for (let mustWait = false; ; ) {
    const backend = await workerFor(poll, mustWait)
    if (backend === 'out of service') return false
    if (backend === undefined) return true
    if (outgoing === undefined) {
      outgoing = await outgoingOf(visit, response, { means: polling.means })
      if (outgoing === undefined) return true
      // It may have begun to stop in the meantime.
      continue
    }
    const outcome = await attempt(poll, outgoing, backend)
    if (outcome === 'answered') return true
    mustWait = outcome === 'doubted'
  }
}

interface Poll {
  readonly visit: Visit<Forward>
  readonly response: ServerResponse
  readonly polling: Polling
  /** By the gateway's clock: its client is told then that there is nothing new. */
  readonly until: number
}

/** Undefined when the wait has ended without one, and the client has been told. */
async function workerFor(
  poll: Poll,
  mustWait: boolean,
): Promise<Backend | 'out of service' | undefined> {
  const { visit, polling } = poll
  const { environment } = visit.decision.route
  for (let isWaiting = mustWait; ; isWaiting = false) {
    const backend = isWaiting ? undefined : polling.lives.ready(environment)
    if (backend !== undefined) return backend
    if (!isServed(polling.lives, environment)) return 'out of service'
    const end = await kept(poll)
    if (end === 'over') tell(poll, polling.polls.nothingNew)
    if (end === undefined) tell(poll, later)
    if (end !== 'go') return undefined
  }
}

function kept({ visit, response, polling, until }: Poll): Promise<PollEnd> | PollEnd | undefined {
  const { environment } = visit.decision.route
  const { lives, admission } = polling
  const leftMs = until - lives.now()
  if (leftMs <= 0) return 'over'
  const isSoon = lives.state(environment) === 'awake' && againMs < leftMs
  return admission.polls.keep(
    environment,
    response,
    isSoon ? { ms: againMs, end: 'go' } : { ms: leftMs, end: 'over' },
  )
}

const later = asleepAnswer('later', { failed: false, retryAfterSeconds: laterSeconds })

function isServed(lives: Lives, environment: string): boolean {
  const state = lives.view(environment)?.state
  return state !== undefined && state !== 'suspended' && state !== 'disabled'
}

/** The gateway's own word. */
function tell({ visit, response }: Poll, answer: PlainAnswer) {
  visit.handled = 'asleep'
  sendPlain(visit.request, response, answer)
}

/** `refused`: nothing has run, and the worker is asked no more. `doubted`: the same, but for all one can see it is ready. */
async function attempt(
  poll: Poll,
  outgoing: Outgoing,
  backend: Backend,
): Promise<'answered' | 'refused' | 'doubted'> {
  const { lives, means, admission, polls } = poll.polling
  const { request, decision } = poll.visit
  const { environment } = decision.route
  const began = lives.now()
  const { calledBack, over } = admission.polls.hold(environment)
  const outcome = await forward({ ...outgoing, calledBack }, backend).finally(over)
  if (outcome.type === 'unanswered') {
    const isEnd = calledBack.aborted || lives.now() - began >= brokenMs
    if (isEnd) tell(poll, polls.nothingNew)
    else sendAnswer(request, poll.response, backendUnreachable)
    return 'answered'
  }
  if (outcome.type !== 'refused') return 'answered'
  means.onRefused?.(outcome.reason)
  const isSealed = outcome.reason === 'sealed'
  lives.doubt(environment, backend, isSealed)
  return isSealed ? 'refused' : 'doubted'
}
