import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findJournals, type PodJournal } from './journal.ts'
import { bootId } from './process-table.ts'
import { livingProcesses } from './run-process.ts'

/** The pods of an installation that run, whoever started them: by the journals alone, and nothing is changed. */
export function podsRunning(stateDir: string): readonly Pick<PodJournal, 'namespace' | 'name'>[] {
  const folder = join(stateDir, 'pods')
  if (!existsSync(folder)) return []
  const boot = bootId()
  return findJournals(folder).filter(({ containers }) =>
    Object.values(containers).some(
      ({ run }) =>
        run?.type === 'process' && run.bootId === boot && livingProcesses(run).length > 0,
    ),
  )
}

/** Whether one of them does. */
export function isPodRunning(stateDir: string): boolean {
  return podsRunning(stateDir).length > 0
}
