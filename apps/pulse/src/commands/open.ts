import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Command } from 'commander'
import { CommandError } from '../exit.ts'
import type { CommandContext, GlobalFlags } from './context.ts'
import { withCluster } from './with-cluster.ts'

/** `pulse open NAME`: the tenant in the browser. */
export function addOpen(program: Command, context: CommandContext) {
  program
    .command('open <name>')
    .description('open a tenant in the browser')
    .option('--print', 'only print its URL')
    .addHelpText('after', '\nExamples:\n  pulse open acme\n  pulse open acme --print')
    .action(async (name: string, flags: { print?: boolean }, command: Command) => {
      await withCluster<GlobalFlags>(context, command, async (cluster) => {
        const client = await cluster.get({
          apiVersion: 'planapulse.com/v1alpha1',
          kind: 'PLANAClient',
          name,
        })
        const status = client?.status
        if (typeof status !== 'object' || status === null || !('url' in status)) {
          throw new CommandError(
            client ? `tenant "${name}" has no URL yet` : `there is no tenant "${name}"`,
          )
        }
        const url = String(status.url)
        context.out.write(`${url}\n`)
        if (!flags.print && !(await openInBrowser(url))) {
          context.err.write('No browser could be started here: open the address yourself.\n')
        }
      })
    })
}

async function openInBrowser(url: string): Promise<boolean> {
  try {
    const opener = spawn('xdg-open', [url], { stdio: 'ignore', detached: true })
    await once(opener, 'spawn')
    opener.unref()
    return true
  } catch {
    return false
  }
}
