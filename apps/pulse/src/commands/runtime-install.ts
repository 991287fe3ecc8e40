import type { OdooMajor } from '@pulse/api'
import type { Command } from 'commander'
import type { CommandContext, GlobalFlags } from './context.ts'
import { majorArgument, register } from './runtime-registration.ts'

interface InstallFlags extends GlobalFlags {
  readonly from?: string
  readonly ref?: string
  readonly python?: string
}

/** `pulse runtime install MAJOR`: an Odoo fetched from where its makers publish it. */
export function addInstall(runtime: Command, context: CommandContext) {
  runtime
    .command('install')
    .addArgument(majorArgument())
    .description('fetch an Odoo with git and install its packages into an environment of its own')
    .option('--from <source>', 'repository or folder (default: the public one of Odoo)')
    .option('--ref <name>', 'branch or tag (default: the branch of the major)')
    .option('--python <program>', 'interpreter to build on (default: python3)')
    .addHelpText(
      'after',
      `
Examples:
  pulse runtime install 18
  pulse runtime install 18 --from https://git.example.com/odoo.git --ref 18.0-stable`,
    )
    .action(async (major: OdooMajor, _flags: InstallFlags, command: Command) => {
      const flags = command.optsWithGlobals<InstallFlags>()
      await register(major, { context, flags }, async (registration) => {
        const { installRuntime } = await import('@pulse/odoo')
        const { from, ref, python } = flags
        return installRuntime({ ...registration, from, ref, python })
      })
    })
}
