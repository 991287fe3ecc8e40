import type { OdooMajor } from '@pulse/api'
import type { Runtime } from '@pulse/odoo'
import { type Command, Option } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import type { CommandContext, GlobalFlags } from './context.ts'
import { majorArgument, type Registration, register } from './runtime-registration.ts'

interface AddFlags extends GlobalFlags {
  readonly path?: string
  readonly python?: string
  readonly standIn?: boolean
}

/** `pulse runtime add MAJOR`: an Odoo that is there already, or the stand-in. */
export function addAdd(runtime: Command, context: CommandContext) {
  runtime
    .command('add')
    .addArgument(majorArgument())
    .description('register an Odoo source tree, after trying it')
    .addOption(new Option('--path <dir>', 'folder with odoo-bin').conflicts('standIn'))
    .option('--python <program>', 'interpreter that has its packages (default: python3)')
    .option('--stand-in', 'register the stand-in for this major: a login page, no ERP')
    .addHelpText(
      'after',
      `
Examples:
  pulse runtime add 18 --path /opt/odoo18
  pulse runtime add 17 --stand-in

Adding a major again replaces it; its workers start anew with the next change or restart.`,
    )
    .action(async (major: OdooMajor, _flags: AddFlags, command: Command) => {
      const flags = command.optsWithGlobals<AddFlags>()
      if (flags.path === undefined && !flags.standIn) {
        throw new CommandError('where is it? --path DIR, or --stand-in', exitCodes.usage)
      }
      const { path, python } = flags
      await register(major, { context, flags }, (registration) =>
        path === undefined ? addStandIn(registration) : addSource(path, python, registration),
      )
    })
}

async function addSource(
  path: string,
  python: string | undefined,
  { stateDir, major, onLine, signal }: Registration,
): Promise<Runtime> {
  const { addRuntime } = await import('@pulse/odoo')
  return addRuntime({ stateDir, major, path, python, onLine, signal })
}

/** A copy of its own, which goes with the registration. */
async function addStandIn({ stateDir, major }: Registration): Promise<Runtime> {
  const { copyStandIn } = await import('@pulse/testing')
  const { installedFolder, writeRuntime } = await import('@pulse/odoo')
  const { command, args } = (await copyStandIn(installedFolder(stateDir, major)))(major)
  const made: Runtime = {
    major,
    version: `${major}.0`,
    command: [command, ...args],
    standIn: true,
  }
  await writeRuntime(stateDir, made)
  return made
}
