import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { pause } from '../../pause.ts'
import { removeGroups } from './cgroup.ts'
import type { RunnerContext } from './context.ts'
import type { PodJournal, Run } from './journal.ts'
import { isAlive, signalProcess } from './process-table.ts'
import { adoptProcess, inheritRun, killAll } from './run-process.ts'

/** Ends and removes what is left of a pod whose object went while nobody looked. */
export async function endOrphan(context: RunnerContext, journal: PodJournal): Promise<void> {
  const folder = join(context.podsFolder, journal.uid)
  const runs = Object.values(journal.containers).flatMap(({ run }) => run ?? [])
  await Promise.all(runs.map((run) => endRun({ context, journal, folder }, run)))
  rmSync(journal.secretFolder, { recursive: true, force: true })
  rmSync(folder, { recursive: true, force: true })
  context.log.info({ pod: journal.name, namespace: journal.namespace }, 'orphaned pod ended')
}

interface Orphan {
  readonly context: RunnerContext
  readonly journal: PodJournal
  readonly folder: string
}

async function endRun({ context, journal, folder }: Orphan, run: Run): Promise<void> {
  if (journal.bootId !== context.bootId || run.type === 'task') return
  const found = inheritRun(folder, run)
  if (found.type === 'alive') {
    const ended = new AbortController()
    const { identity } = found
    adoptProcess(identity, ended.signal).exited.then(() => ended.abort())
    signalProcess(identity, 'SIGTERM')
    if (isAlive(identity)) await pause(journal.graceSeconds * 1000, context.clock, ended.signal)
    ended.abort()
    await killAll({ ...run, process: identity })
  } else await killAll(run)
  removeGroups(run.cgroups)
}
