import { randomUUID } from 'node:crypto'
import { statfs } from 'node:fs/promises'
import type { Log } from '@pulse/api'
import type { Clock, Objects } from '@pulse/engine'
import {
  type Administration,
  keepStandbys,
  listTemplates,
  type StandbyLine,
  withConnection,
} from '@pulse/odoo'
import { createRest, restMs } from './rest.ts'
import type { TaskJobs } from './task-jobs.ts'
import { createTellStandbys } from './tell-standbys.ts'

export interface StandbysDeps {
  readonly administration: Administration
  readonly objects: Objects
  readonly jobs: TaskJobs
  /** Folder on the disk that fills up. */
  readonly stateDir: string
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** What is wanted changes when a claim ends; this is for what nobody tells, such as a new template. */
const roundMs = 15_000

/** Keeps databases ready for each template and hosting. Resolves after the signal. */
export async function runStandbys(deps: StandbysDeps): Promise<void> {
  const { administration, jobs, stateDir, clock, log, signal } = deps
  const bell = createBell(signal)
  const tell = createTellStandbys(deps.objects)
  const rest = createRest(clock)
  jobs.onClaimEnded(() => {
    rest.begin()
    clock.after(restMs + 10, bell.ring)
  })
  while (!signal.aborted) {
    try {
      const states = await keepStandbys(
        {
          administration,
          log,
          lines: () => linesOf(administration, signal),
          fill: (args) => jobs.run('fill', args, randomUUID().slice(0, 13)),
          claimWaits: () => jobs.claimWaits() || rest.isOn(),
          freeDisk: () => freeShare(stateDir),
        },
        signal,
      )
      await tell(states)
      // A line that got one may want the next.
      if (states.some(({ reason }) => reason === 'Filled')) continue
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'standbys not kept, trying again')
    }
    await bell.wait(roundMs)
  }
}

/** The hosting that tenants of an edition get unless they ask for another; those are cloned when they come. */
const usualHosting = { basic: 'pool', pro: 'instance' } as const

/** Each template in its usual hosting. */
async function linesOf(
  administration: Administration,
  signal: AbortSignal,
): Promise<readonly StandbyLine[]> {
  const register = { database: administration.registerDatabase, signal }
  const templates = await withConnection(administration, register, listTemplates)
  return templates.map(({ edition, major }) => ({ edition, major, hosting: usualHosting[edition] }))
}

async function freeShare(folder: string): Promise<number> {
  const { bavail, blocks } = await statfs(folder)
  return bavail / blocks
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
