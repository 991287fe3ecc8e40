import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { findJournals } from './journal.ts'
import { bootId, startedIn } from './process-table.ts'
import { livingProcesses } from './run-process.ts'

/** What is left of pods on the machine, whether or not anybody knows them. */
export interface StandingPods {
  /** Uids, by their folders. */
  readonly pods: readonly string[]
  /** Living processes of containers, with the pod whose journal knows them. */
  readonly processes: readonly { readonly pid: number; readonly pod: string | undefined }[]
}

/** Reads folders, journals and the table of processes; nothing is changed. */
export function standingPods(stateDir: string): StandingPods {
  const folder = join(stateDir, 'pods')
  if (!existsSync(folder)) return { pods: [], processes: [] }
  const boot = bootId()
  const known = findJournals(folder).flatMap(({ uid, containers }) =>
    Object.values(containers)
      .flatMap(({ run }) => run ?? [])
      .filter((run) => run.type === 'process' && run.bootId === boot)
      .flatMap((run) => livingProcesses(run).map(({ pid }) => ({ pid, pod: uid }))),
  )
  const pids = new Set(known.map(({ pid }) => pid))
  const strays = startedIn(folder).filter((pid) => !pids.has(pid))
  return {
    pods: readdirSync(folder),
    processes: [...known, ...strays.map((pid) => ({ pid, pod: undefined }))],
  }
}
