import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findJournals } from './journal.ts'
import { bootId } from './process-table.ts'
import { livingProcesses } from './run-process.ts'

/** Whether a pod of an installation runs, whoever started it: by the journals alone, and nothing is changed. */
export function isPodRunning(stateDir: string): boolean {
  const folder = join(stateDir, 'pods')
  if (!existsSync(folder)) return false
  const boot = bootId()
  return findJournals(folder)
    .flatMap(({ containers }) => Object.values(containers))
    .some(
      ({ run }) =>
        run?.type === 'process' && run.bootId === boot && livingProcesses(run).length > 0,
    )
}
