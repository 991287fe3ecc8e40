import { join } from 'node:path'
import { pause } from '../../pause.ts'
import { removeTree } from '../remove-tree.ts'
import { removeGroups } from './cgroup.ts'
import type { RunnerContext } from './context.ts'
import { goneGraceSeconds } from './grace.ts'
import { type PodJournal, type Run, readJournals } from './journal.ts'
import { isAlive, signalProcess } from './process-table.ts'
import { adoptProcess, inheritRun, killAll } from './run-process.ts'
import { killStrays } from './strays.ts'

/**
 * Ends and removes what is left of a pod whose object went while nobody looked. False when something still lives or
 * cannot be removed: that stays, for the next Pulse to try.
 */
export async function endOrphan(context: RunnerContext, journal: PodJournal): Promise<boolean> {
  const { name, namespace } = journal
  const graceSeconds = Math.min(journal.graceSeconds, goneGraceSeconds)
  if (!(await endProcesses(context, journal, graceSeconds))) {
    context.log.error({ pod: name, namespace }, 'processes of an orphaned pod survive SIGKILL')
    return false
  }
  try {
    removeTree(journal.secretFolder)
    removeTree(join(context.podsFolder, journal.uid))
  } catch (error) {
    context.log.error({ err: error, pod: name, namespace }, 'orphaned pod not cleaned up')
    return false
  }
  context.log.info({ pod: name, namespace }, 'orphaned pod ended')
  return true
}

/** Kills whatever the journals say may run, for those who do not come back to it. False when something still lives. */
export async function killAllPods(context: RunnerContext): Promise<boolean> {
  const journals = readJournals(context.podsFolder)
  const ended = await Promise.all(journals.map((journal) => endProcesses(context, journal, 0)))
  return ended.every(Boolean)
}

async function endProcesses(
  context: RunnerContext,
  journal: PodJournal,
  graceSeconds: number,
): Promise<boolean> {
  const runs = Object.values(journal.containers).flatMap(({ run }) => run ?? [])
  const ended = await Promise.all(
    runs.map((run) => endRun({ context, journal, graceSeconds }, run)),
  )
  return ended.every(Boolean)
}

interface Ending {
  readonly context: RunnerContext
  readonly journal: PodJournal
  readonly graceSeconds: number
}

async function endRun({ context, journal, graceSeconds }: Ending, run: Run): Promise<boolean> {
  if (run.bootId !== context.bootId || run.type === 'task') return true
  const inherited = inheritRun(join(context.podsFolder, journal.uid), run)
  const identity = inherited.type === 'alive' ? inherited.identity : run.process
  if (inherited.type === 'alive' && graceSeconds > 0) {
    const ended = new AbortController()
    adoptProcess(inherited.identity, ended.signal).exited.then(() => ended.abort())
    signalProcess(inherited.identity, 'SIGTERM')
    if (isAlive(inherited.identity)) await pause(graceSeconds * 1000, context.clock, ended.signal)
    ended.abort()
  }
  const found = { ...run, process: identity }
  const isOver = (await killAll(found)) && (await killStrays(context, found))
  if (isOver) removeGroups(run.cgroups)
  return isOver
}
