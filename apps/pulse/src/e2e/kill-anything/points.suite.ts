/**
 * The moments at which Pulse can be killed and how they are told to its processes: by files in one folder, which a
 * harness inside each of them reads (`passing.suite.ts`). Nothing of this is in the product.
 */
import fs from 'node:fs'
import { join } from 'node:path'

// The harness puts its own in the place of these, for everybody else.
const { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } = fs

/**
 * Where the process stands to an effect that leaves it: not yet begun, on its way with its outcome unknown, done and not
 * yet acted upon.
 */
export const phases = ['before', 'during', 'after'] as const
export type Phase = (typeof phases)[number]

/** Who is killed there, by SIGKILL. */
export const victims = ['server', 'task-runner', 'postgres', 'tenant', 'all'] as const
export type Victim = (typeof victims)[number]

/** `task-runner sql ALTER DATABASE … RENAME TO … @publish.ts:21 during` */
export interface Point {
  readonly label: string
  readonly phase: Phase
}

export interface Order extends Point {
  /** Tells this order from all others: who has counted for another begins anew. */
  readonly id: string
  /** The how-manieth time that this process passes there. */
  readonly occurrence: number
  readonly victim: Victim
  /** Which of several tenants. */
  readonly pick: number
}

/** The folder by which a harness is spoken to. */
export const pointsEnvironment = 'PULSE_TEST_POINTS'

/** Of one folder: what a harness is told, and what it tells. */
export function pointFiles(folder: string) {
  const passed = join(folder, 'passed')
  const recording = join(folder, 'recording')
  const ordered = join(folder, 'ordered')
  const killed = join(folder, 'killed')
  const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '')
  return {
    /** From now on everything that is passed is written down. */
    record: () => writeFileSync(recording, ''),
    isRecording: () => existsSync(recording),
    note: ({ label, phase }: Point) => appendFileSync(passed, `${label} ${phase}\n`),
    /** Ends the recording: what was passed since its begin, in order, as often as it was. */
    takePassed(): readonly Point[] {
      rmSync(recording, { force: true })
      const lines = read(passed).split('\n')
      rmSync(passed, { force: true })
      return lines.flatMap((line) => parsePoint(line) ?? [])
    },
    /** Nobody was killed yet, and nobody is to be. */
    clear() {
      for (const file of [ordered, killed]) rmSync(file, { force: true })
    },
    give(order: Order) {
      writeFileSync(`${ordered}.next`, JSON.stringify(order))
      renameSync(`${ordered}.next`, ordered)
    },
    order(): Order | undefined {
      const text = read(ordered)
      return text === '' ? undefined : JSON.parse(text)
    },
    /** Whoever passes later does nothing any more. */
    takeBack: () => rmSync(ordered, { force: true }),
    /** Written just before the blow: what is told cannot be told after it. */
    tellKilled: (pids: readonly number[]) => appendFileSync(killed, `${pids.join(' ')}\n`),
    killed: () => read(killed).split(/\s+/).filter(Boolean).map(Number),
  }
}

export type PointFiles = ReturnType<typeof pointFiles>

function parsePoint(line: string): Point | undefined {
  const phase = phases.find((one) => line.endsWith(` ${one}`))
  return phase && { label: line.slice(0, -phase.length - 1), phase }
}
