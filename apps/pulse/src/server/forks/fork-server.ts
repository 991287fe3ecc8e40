import type { Condition, OdooMajor } from '@pulse/api'
import { forkedConditionOf, parentStarting } from '@pulse/compositions'
import { type ForkProblem, type ForkServer, requestFork } from '@pulse/engine'
import type { KeptParent, ParentState, Runtime } from '@pulse/odoo'

/** Told to the stand-in, which has no parent to be faster by: it spends the time that a fork would. */
const standInMark = ['PULSE_STANDIN_FORKED', '1'] as const

/** A runtime's parent as the pod runner wants it. */
export function createForkServer(
  { standIn }: Pick<Runtime, 'standIn'>,
  socket: string,
  parent: Pick<KeptParent, 'state' | 'replace'>,
): ForkServer {
  return {
    problem: () => problemOf(parent.state()),
    async fork(request, signal) {
      const variables = new Map([...request.variables, ...(standIn ? [standInMark] : [])])
      try {
        return await requestFork(socket, { ...request, variables }, signal)
      } catch (error) {
        if (isTimeout(signal.reason)) parent.replace()
        throw error
      }
    },
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'TimeoutError'
}

export function problemOf(state: ParentState): ForkProblem | undefined {
  if (state.type === 'ready') return undefined
  if (state.type === 'starting') {
    return { reason: parentStarting, message: 'its parent is starting', isPassing: true }
  }
  const message = `${state.reason}; it is tried again ever more seldom`
  return { reason: 'ParentFailed', message, isPassing: false }
}

/** Says on the Node whether instances of this major are forked. */
export function forkedCondition(major: OdooMajor, state: ParentState): Condition {
  const type = forkedConditionOf(major)
  const problem = problemOf(state)
  if (!problem) return { type, status: 'True', reason: 'ParentReady' }
  return { type, status: 'False', reason: problem.reason, message: problem.message }
}
