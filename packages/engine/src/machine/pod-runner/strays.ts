import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { UidRange } from '../namespace-uid.ts'
import type { RunnerContext } from './context.ts'
import { findJournals, type Run } from './journal.ts'
import { gateFile } from './launch.ts'
import { processesOfUser } from './process-table.ts'
import { hasGroups, livingProcesses, untilKilled } from './run-process.ts'

type Whose = Pick<RunnerContext, 'podsFolder' | 'bootId' | 'uids'>

/**
 * Ends what a run has left under its own user: without cgroups, a process that has left its session and emptied its
 * environment is nobody's by any other sign. What may be another pod's of the same user is left alone, and goes with
 * the last of them. False when something lives that not even SIGKILL ends now.
 */
export async function killStrays(context: Whose, run: Run): Promise<boolean> {
  const { user } = run
  if (user === undefined || !isPrivate(user, context.uids) || hasGroups(run)) return true
  return untilKilled(() => {
    // In this order, and without a pause: what is listed was born before the others are looked at.
    const strays = processesOfUser(user)
    return strays.length === 0 || isInUse(context, run) ? [] : strays
  })
}

/** Users of the range are given out by this installation alone, each to one namespace. */
function isPrivate(user: number, range: UidRange | undefined): boolean {
  return user > 0 && range !== undefined && user >= range.first && user < range.first + range.count
}

/** Whether another run of the user lives, or may be about to. */
function isInUse({ podsFolder, bootId }: Whose, { user, token }: Run): boolean {
  return findJournals(podsFolder).some(({ uid, containers }) =>
    Object.values(containers)
      .flatMap(({ run }) => run ?? [])
      .filter((run) => run.type === 'process' && run.bootId === bootId)
      .filter((run) => run.user === user && run.token !== token)
      .some((run) => isBeginning(join(podsFolder, uid), run) || livingProcesses(run).length > 0),
  )
}

/** Before its gate is opened nothing of it lives, and once it is identified its processes are found. */
function isBeginning(folder: string, run: Run): boolean {
  return run.process === undefined && existsSync(gateFile(folder, run.token))
}
