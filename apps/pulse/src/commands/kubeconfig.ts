import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import { statePaths } from '../installation/state-directory.ts'
import { refuseUnreadable } from '../installation/unreadable.ts'
import type { CommandContext, GlobalFlags } from './context.ts'

/** `pulse kubeconfig`: what kubectl needs, on standard output. */
export function addKubeconfig(program: Command, context: CommandContext) {
  program
    .command('kubeconfig')
    .description('print the kubeconfig of this installation; it holds the administrator’s token')
    .addHelpText(
      'after',
      '\nExamples:\n  pulse kubeconfig | install -m 600 /dev/stdin ~/.kube/pulse\n\nThen: KUBECONFIG=~/.kube/pulse kubectl get planaclients',
    )
    .action(async (_flags: GlobalFlags, command: Command) => {
      const { stateDir } = await context.config(command.optsWithGlobals<GlobalFlags>())
      try {
        context.out.write(await readFile(statePaths(stateDir).kubeconfig, 'utf8'))
      } catch (error) {
        await refuseUnreadable(stateDir, error)
        throw new CommandError(
          `there is no kubeconfig under ${stateDir} yet: start Pulse with ${context.hint('up')}`,
          exitCodes.notRunning,
          { cause: error },
        )
      }
    })
}
