import { stat } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import type { PulseConfig } from '../config.ts'
import { CommandError, exitCodes } from '../exit.ts'
import { isLocked } from '../installation/lock.ts'
import { statePaths } from '../installation/state-directory.ts'
import { refuseUnreadable } from '../installation/unreadable.ts'
import { type DiskUse, readDiskUse } from '../machine-status/disk-use.ts'
import { readRunning } from '../server/running.ts'
import type { CommandContext, GlobalFlags } from './context.ts'
import { notRunning } from './not-running.ts'
import { readLeft } from './read-left.ts'
import { leftScreen, statusScreen } from './status-screen.ts'

interface Flags extends GlobalFlags {
  readonly output?: 'json'
}

/** `pulse status`: what runs on this machine, what waits for what, and what went wrong, in one screen. */
export function addStatus(program: Command, context: CommandContext) {
  program
    .command('status')
    .description(
      'show in one screen what runs on this machine, what waits for what, what went wrong',
    )
    .addOption(new Option('-o, --output <format>', 'json for programs').choices(['json']))
    .addHelpText(
      'after',
      `
Examples:
  pulse status
  pulse status -o json

Exit codes: ${exitCodes.ok} Pulse runs, whatever waits; ${exitCodes.notRunning} it does not run (what is left of it is shown); ${exitCodes.failed} it runs and did not answer. Fields of -o json are only ever added.`,
    )
    .action(async (_flags: Flags, command: Command) => {
      const flags = command.optsWithGlobals<Flags>()
      const config = await context.config(flags)
      const isJson = flags.output === 'json'
      const running = await readRunning(config.stateDir)
      if (running === undefined) return await showLeft(config, context, isJson)
      const machine = await context.machine(config)
      if (machine === undefined) {
        throw new CommandError(
          `Pulse runs (process ${running.pid}) and did not answer in time at ${running.metrics}`,
        )
      }
      const disk = await readDiskUse(config.stateDir)
      if (isJson) {
        const postgres = { ...running.postgres, ...machine.postgres }
        const told = { ...running, ...machine, postgres, isRunning: true, disk }
        return void context.out.write(`${JSON.stringify(told)}\n`)
      }
      const now = new Date()
      context.out.write(`${statusScreen({ running, machine, disk, now, hint: context.hint })}\n`)
    })
}

/** Where Pulse does not run: whether something of it does. Ends with the exit code for that. */
async function showLeft({ stateDir }: PulseConfig, context: CommandContext, isJson: boolean) {
  const refused = (error: unknown) => refuseUnreadable(stateDir, error)
  const lock = await stat(statePaths(stateDir).lock).catch(refused)
  const refusal = notRunning(stateDir, context.hint)
  if (lock === undefined) throw refusal
  const isBetween = await isLocked(statePaths(stateDir).lock)
  const left = { stateDir, isBetween, ...(await readLeft(stateDir)) }
  const disk: DiskUse = await readDiskUse(stateDir)
  if (isJson) {
    context.out.write(`${JSON.stringify({ isRunning: false, ...left, disk })}\n`)
  } else {
    context.out.write(`${leftScreen({ ...left, disk, hint: context.hint })}\n`)
  }
  if (!isBetween) throw refusal
  throw new CommandError(`Pulse on ${stateDir} is starting or stopping`, exitCodes.notRunning)
}
