import { channel } from 'node:diagnostics_channel'
import type { Log } from '@pulse/api'

/** Published at the begin and end of each step, so that a harness can stop a task exactly there. */
export interface StepMessage {
  readonly task: string
  readonly step: string
  readonly phase: 'begin' | 'end'
  /** Only at the end. */
  readonly durationMs?: number
}

/** Runs the named steps of one task, each with a log line and a message on `pulse.step`. */
export interface Journal {
  step<T>(name: string, work: () => Promise<T>): Promise<T>
}

const steps = channel('pulse.step')

export function createJournal(task: string, log: Log): Journal {
  const say = (message: Omit<StepMessage, 'task'>) =>
    steps.publish({ task, ...message } satisfies StepMessage)

  return {
    async step(name, work) {
      const began = performance.now()
      const durationMs = () => Math.round((performance.now() - began) * 10) / 10
      say({ step: name, phase: 'begin' })
      try {
        const result = await work()
        const done = { step: name, phase: 'end', durationMs: durationMs() } as const
        log.info({ task, ...done }, 'step done')
        say(done)
        return result
      } catch (error) {
        log.warn({ task, step: name, phase: 'failed', durationMs: durationMs() }, 'step failed')
        throw error
      }
    },
  }
}
