import { channel } from 'node:diagnostics_channel'
import type { Log } from '@pulse/api'

/** Published at the begin and end of each step, so that a harness can stop a task exactly there. */
export interface StepMessage {
  readonly task: string
  readonly step: string
  readonly phase: 'begin' | 'end'
}

/** Runs the named steps of one task, each with a log line and a message on `pulse.step`. */
export interface Journal {
  step<T>(name: string, work: () => Promise<T>): Promise<T>
}

const steps = channel('pulse.step')

export function createJournal(task: string, log: Log): Journal {
  const say = (step: string, phase: StepMessage['phase']) =>
    steps.publish({ task, step, phase } satisfies StepMessage)

  return {
    async step(name, work) {
      const began = performance.now()
      const durationMs = () => Math.round((performance.now() - began) * 10) / 10
      say(name, 'begin')
      try {
        const result = await work()
        log.info({ task, step: name, phase: 'end', durationMs: durationMs() }, 'step done')
        say(name, 'end')
        return result
      } catch (error) {
        log.warn({ task, step: name, phase: 'failed', durationMs: durationMs() }, 'step failed')
        throw error
      }
    },
  }
}
