/**
 * Loaded into a Pulse under test before anything else (`--import`), and by that into its task runner too. Every step
 * that anything publishes is written down; a point that is armed ends a process by SIGKILL, once.
 */
import { subscribe } from 'node:diagnostics_channel'
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A moment of a run: `task-runner claim/take:begin`. */
export type Point = `${'server' | 'task-runner'} ${string}/${string}:${'begin' | 'end'}`

/** Who dies there: the process that passes it, or the server that waits for it. */
export type Victim = 'itself' | 'server'

export const stepsEnvironment = 'PULSE_TEST_STEPS'

const passedFile = (folder: string) => join(folder, 'passed')
const armedFile = (folder: string) => join(folder, 'armed')

/** The points that were passed since the last look, each once, in order. */
export function takePassed(folder: string): readonly Point[] {
  const text = readOr(passedFile(folder), '')
  rmSync(passedFile(folder), { force: true })
  return [...new Set(text.split('\n').filter(isPoint))]
}

/** The next process that passes this point ends there. */
export function arm(folder: string, point: Point, victim: Victim): void {
  writeFileSync(`${armedFile(folder)}.next`, `${victim} ${point}`)
  renameSync(`${armedFile(folder)}.next`, armedFile(folder))
}

/** Whether nobody has come by yet. */
export function isArmed(folder: string): boolean {
  return readOr(armedFile(folder), '') !== ''
}

function isPoint(line: string): line is Point {
  return /^(server|task-runner) .+:(begin|end)$/.test(line)
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}

const folder = process.env[stepsEnvironment]
if (folder !== undefined) {
  const who = process.argv.includes('task-runner') ? 'task-runner' : 'server'
  subscribe('pulse.step', (message) => {
    if (typeof message !== 'object' || message === null) return
    if (!('task' in message && 'step' in message && 'phase' in message)) return
    const point = `${who} ${message.task}/${message.step}:${message.phase}`
    appendFileSync(passedFile(folder), `${point}\n`)
    const armed = readOr(armedFile(folder), '')
    if (!armed.endsWith(` ${point}`)) return
    rmSync(armedFile(folder), { force: true })
    const isServer = who === 'server' || armed.startsWith('itself')
    process.kill(isServer ? process.pid : process.ppid, 'SIGKILL')
  })
}
