/** Finds whom to kill and kills them: called from within a process of Pulse, synchronously, so without any await. */
import fs from 'node:fs'
import { join } from 'node:path'
import type { Victim } from './points.suite.ts'

const { readdirSync, readFileSync } = fs

export interface Scene {
  readonly stateDir: string
  /** Which of several tenants. */
  readonly pick: number
}

/** The processes of a victim, ourselves last. */
export function findVictims(victim: Victim, scene: Scene): readonly number[] {
  const { stateDir } = scene
  const found = {
    server: () => serverOf(stateDir),
    'task-runner': () => taskRunnerOf(stateDir),
    postgres: () => postgresOf(stateDir),
    tenant: () => tenantOf(scene),
    all: () => [
      ...tenantsOf(stateDir),
      ...postgresOf(stateDir),
      ...taskRunnerOf(stateDir),
      ...serverOf(stateDir),
    ],
  }[victim]()
  const others = found.filter((pid) => pid !== process.pid)
  return others.length < found.length ? [...others, process.pid] : others
}

/** A main process in the Pulse of this folder, by what its command line holds. */
function programOf(stateDir: string, word: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const words = read(`/proc/${pid}/cmdline`).split('\0')
      if (!words.some((one) => one.endsWith('/pulse/src/main.ts')) || !words.includes(word)) {
        return false
      }
      return read(`/proc/${pid}/environ`).split('\0').includes(`PLANA_STATE_DIR=${stateDir}`)
    })
}

/** What ends a Pulse that was killed starts one for that. */
const serverOf = (stateDir: string) => ['up', 'down'].flatMap((word) => programOf(stateDir, word))
const taskRunnerOf = (stateDir: string) => programOf(stateDir, 'task-runner')

function postgresOf(stateDir: string): readonly number[] {
  const pid = Number.parseInt(read(join(stateDir, 'postgres/data/postmaster.pid')), 10)
  return pid > 0 && read(`/proc/${pid}/cmdline`).includes(stateDir) ? [pid] : []
}

function tenantOf({ stateDir, pick }: Scene): readonly number[] {
  const all = tenantsOf(stateDir)
  return all.length === 0 ? [] : [all[pick % all.length] ?? 0]
}

/** Main processes of containers, as the journals of their pods name them. */
function tenantsOf(stateDir: string): readonly number[] {
  const pods = join(stateDir, 'pods')
  return list(pods).flatMap((uid) => {
    const { containers = {} } = parse(read(join(pods, uid, 'pod.json')))
    return Object.values(containers).flatMap(({ run }) => {
      const { pid, startTicks } = run?.process ?? {}
      return pid !== undefined && startTicks === startOf(pid) ? [pid] : []
    })
  })
}

interface Journal {
  readonly containers?: Readonly<
    Record<string, { readonly run?: { readonly process?: { pid: number; startTicks: number } } }>
  >
}

function parse(text: string): Journal {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

function startOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`)
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
}

/** Whether it is there no more; one that nobody has reaped yet is not. */
export function hasEnded(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`)
  return stat === '' || /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
