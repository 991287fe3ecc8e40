import { join } from 'node:path'
import { type OdooMajor, odooMajors } from '@pulse/api'
import type { Runtime } from '@pulse/odoo'
import { Argument } from 'commander'
import { CommandError } from '../exit.ts'
import { LockedError, takeLock } from '../installation/lock.ts'
import { openStateDirectory, statePaths } from '../installation/state-directory.ts'
import { createProgress, type Progress } from '../terminal/progress.ts'
import type { CommandContext, GlobalFlags } from './context.ts'

/** What a runtime is registered with. */
export interface Registration {
  readonly stateDir: string
  readonly major: OdooMajor
  /** Told what is being done. */
  readonly onLine: (line: string) => void
  readonly signal: AbortSignal
}

export function majorArgument(name = '<major>'): Argument {
  return new Argument(name, 'Odoo version').choices(odooMajors)
}

/** Runs one registration with its progress; the reason of a failure is the last line. */
export async function register(
  major: OdooMajor,
  { context, flags }: { readonly context: CommandContext; readonly flags: GlobalFlags },
  work: (registration: Registration) => Promise<Runtime>,
) {
  const stateDir = await stateOf(context, flags)
  const release = await takeTurn(stateDir, major)
  const progress = createProgress(context.err)
  progress.step(`Odoo ${major}`)
  try {
    const wasStandIn = await isServedByStandIn(stateDir, major)
    const { version, standIn } = await work({
      stateDir,
      major,
      onLine: lineTo(progress),
      signal: context.signal,
    })
    progress.done(standIn ? `the stand-in serves Odoo ${version}` : `Odoo ${version} is registered`)
    if (wasStandIn && !standIn) {
      progress.note(
        `The templates of ${major} are made anew now, which takes about a minute; a tenant that is created meanwhile waits for that.`,
      )
      progress.note(
        `Tenants of ${major} that the stand-in made cannot be opened by Odoo: delete them (${context.hint('delete planaclient NAME')}) and create them again.`,
      )
    }
  } catch (error) {
    progress.failed(`Odoo ${major} was not registered`)
    throw error
  } finally {
    release()
  }
}

/** One at a time for a major: each removes what the other has not finished. */
async function takeTurn(stateDir: string, major: OdooMajor): Promise<() => void> {
  try {
    return await takeLock(join(statePaths(stateDir).runtimes, `${major}.lock`))
  } catch (error) {
    if (!(error instanceof LockedError)) throw error
    throw new CommandError(`Odoo ${major} is being registered already: wait until that has ended`)
  }
}

async function isServedByStandIn(stateDir: string, major: OdooMajor): Promise<boolean> {
  const { listRuntimes } = await import('@pulse/odoo')
  const before = (await listRuntimes(stateDir)).find((runtime) => runtime.major === major)
  return before === undefined || before.standIn
}

/** What must stay to be read gets a line of its own. */
function lineTo(progress: Progress): (line: string) => void {
  return (line) => (line.startsWith('warning:') ? progress.note(line) : progress.step(line))
}

export async function stateOf(context: CommandContext, flags: GlobalFlags): Promise<string> {
  return (await openStateDirectory((await context.config(flags)).stateDir)).root
}
