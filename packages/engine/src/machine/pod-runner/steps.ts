import { channel } from 'node:diagnostics_channel'

const steps = channel('pulse.step')

/** Publishes where the runner is, so that a test can kill it there; free when nobody listens. */
export function publishStep(step: string, phase: 'begin' | 'end'): void {
  if (steps.hasSubscribers) steps.publish({ task: 'pod', step, phase })
}

/** Publishes the begin and, if it went well, the end of what `work` does. */
export async function inStep<Result>(
  step: string,
  work: () => Promise<Result> | Result,
): Promise<Result> {
  publishStep(step, 'begin')
  const result = await work()
  publishStep(step, 'end')
  return result
}
