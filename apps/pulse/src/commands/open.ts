import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Command } from 'commander'
import { CommandError } from '../exit.ts'
import type { CommandContext, GlobalFlags } from './context.ts'
import { type Login, readLogin } from './login.ts'
import { type OutputFlags, outputOption } from './output-option.ts'
import { withCluster } from './with-cluster.ts'

interface Flags extends GlobalFlags, OutputFlags {
  readonly print?: boolean
  readonly login?: boolean
}

/** `pulse open NAME`: the tenant in the browser. */
export function addOpen(program: Command, context: CommandContext) {
  program
    .command('open <name>')
    .description('open a tenant in the browser')
    .option('--print', 'only print its URL')
    .option('--login', 'only print its URL and the login of its administrator, password included')
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
Examples:
  pulse open acme
  pulse open acme --print
  pulse open acme --login -o json`,
    )
    .action(async (name: string, _flags: Flags, command: Command) => {
      await withCluster<Flags>(context, command, async (cluster, flags) => {
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
        const login = flags.login ? await readLogin(cluster, `${name}-prod`) : undefined
        context.out.write(
          flags.output === 'json' ? `${JSON.stringify({ url, ...login })}\n` : textOf(url, login),
        )
        if (!flags.print && !flags.login && !(await openInBrowser(url))) {
          context.err.write('No browser could be started here: open the address yourself.\n')
        }
      })
    })
}

function textOf(url: string, login: Login | undefined): string {
  if (login === undefined) return `${url}\n`
  return `URL       ${url}\nLogin     ${login.login}\nPassword  ${login.password}\n`
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
