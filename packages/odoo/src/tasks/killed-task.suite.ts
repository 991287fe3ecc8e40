import { spawn } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import { type Bench, createResults, resultsFolder, silent } from '../bench.suite.ts'
import { createAdministration } from '../database/administration.ts'
import { machinePlaces } from '../filestore/places.ts'
import type { StepMessage } from '../journal.ts'
import { runTask } from './registry.ts'

/** Where a task can be killed. */
export type Point = `${string}:${StepMessage['phase']}`

/** Every point that a run of a task passes, in order. */
export async function pointsOf(work: () => Promise<void>): Promise<readonly Point[]> {
  const points: Point[] = []
  const listen = (message: unknown) => points.push(pointOf(message))
  subscribe('pulse.step', listen)
  try {
    await work()
    return points
  } finally {
    unsubscribe('pulse.step', listen)
  }
}

/** Runs a task in a process of its own that dies by SIGKILL at a point; the answer is the signal that ended it. */
export async function runAndKill(
  bench: Bench,
  options: { readonly task: string; readonly argv: readonly string[]; readonly at: Point },
): Promise<string | null> {
  const input = JSON.stringify({ ...options, server: bench.server, stateDir: bench.stateDir })
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), input], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PULSE_KILLED_TASK: 'yes' },
  })
  const [, signal] = await once(child, 'exit')
  return signal
}

/** What the process does. */
async function runKilled(input: string): Promise<void> {
  const { task, argv, at, server, stateDir } = JSON.parse(input)
  subscribe('pulse.step', (message) => {
    if (pointOf(message) === at) process.kill(process.pid, 'SIGKILL')
  })
  await runTask(task, argv, {
    deps: {
      administration: createAdministration({
        admin: { host: server.socketFolder, port: server.port, user: server.user },
        tenant: { host: server.host, port: server.port },
      }),
      results: createResults(resultsFolder(stateDir)),
      filestore: machinePlaces(stateDir),
      runtimes: () => undefined,
      log: silent,
      now: () => new Date(),
    },
    signal: AbortSignal.timeout(60_000),
  })
}

function pointOf(message: unknown): Point {
  if (typeof message !== 'object' || message === null) throw new Error('no step message')
  if (!('step' in message) || !('phase' in message)) throw new Error('no step message')
  return `${message.step}:${message.phase === 'begin' ? 'begin' : 'end'}`
}

if (isMainThread && process.env.PULSE_KILLED_TASK === 'yes') {
  const [input = '{}'] = process.argv.slice(2)
  await runKilled(input)
}
