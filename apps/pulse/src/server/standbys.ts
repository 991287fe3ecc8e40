import { randomUUID } from 'node:crypto'
import type { Log } from '@pulse/api'
import type { Clock, Objects } from '@pulse/engine'
import {
  type Administration,
  keepStandbys,
  type LineState,
  type RuntimeLookup,
  wantedLines,
  withConnection,
} from '@pulse/odoo'
import { freeShare } from './free-share.ts'
import { createRest, restMs } from './rest.ts'
import type { TaskJobs } from './task-jobs.ts'
import { createTellStandbys } from './tell-standbys.ts'

export interface StandbysDeps {
  readonly administration: Administration
  readonly objects: Objects
  readonly jobs: TaskJobs
  readonly runtimes: RuntimeLookup
  /** PostgreSQL's data on this machine, on the disk that fills up; undefined when it is external. */
  readonly dataFolder: string | undefined
  /** Told after each round how they stand. */
  readonly onStandbys: (states: readonly LineState[]) => void
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** What is wanted changes when a claim ends; this is for what nobody tells, such as a new template. */
const roundMs = 15_000

/** Keeps databases ready for each template and hosting in use. Resolves after the signal. */
export async function runStandbys(deps: StandbysDeps): Promise<void> {
  const { administration, jobs, dataFolder, clock, log, signal } = deps
  const register = { database: administration.registerDatabase, signal }
  const bell = createBell(signal)
  const tell = createTellStandbys(deps.objects)
  const rest = createRest(clock)
  let forgetRest = () => {}
  jobs.onClaimEnded(() => {
    rest.begin()
    forgetRest()
    forgetRest = clock.after(restMs + 10, bell.ring)
  })
  // A timer that is left would hold up the end of Pulse.
  signal.addEventListener('abort', () => forgetRest(), { once: true })
  while (!signal.aborted) {
    try {
      const states = await keepStandbys(
        {
          administration,
          log,
          lines: () =>
            withConnection(administration, register, (connection) =>
              wantedLines(connection, deps.runtimes),
            ),
          fill: (args) => jobs.run('fill', args, randomUUID().slice(0, 13)),
          claimWaits: () => jobs.claimWaits() || rest.isOn(),
          freeDisk: () => freeShare(dataFolder),
        },
        signal,
      )
      deps.onStandbys(states)
      await tell(states)
      // A line that got one may want the next.
      if (states.some(({ reason }) => reason === 'Filled')) continue
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'standbys not kept, trying again')
    }
    await bell.wait(roundMs)
  }
}

/** A wait that ends early when somebody rings, also if that was before the wait. */
function createBell(signal: AbortSignal) {
  let rung = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => rung.resolve())
  return {
    ring: () => rung.resolve(),
    async wait(milliseconds: number) {
      const timer = setTimeout(rung.resolve, milliseconds)
      await rung.promise
      clearTimeout(timer)
      if (!signal.aborted) rung = Promise.withResolvers()
    },
  }
}
