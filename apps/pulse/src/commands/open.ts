import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Command } from 'commander'
import { CommandError } from '../exit.ts'
import { readRunning } from '../server/running.ts'
import type { CommandContext, GlobalFlags } from './context.ts'
import { type Login, readLogin } from './login.ts'
import { mustBeName } from './must-be-name.ts'
import { type OutputFlags, outputOption } from './output-option.ts'
import { tenantUrl } from './tenant-url.ts'
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
        mustBeName(name)
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
        const tlsUrl = await tlsUrlOf(url, (await context.config(flags)).stateDir)
        const login = flags.login ? await readLogin(cluster, `${name}-prod`) : undefined
        context.out.write(
          flags.output === 'json'
            ? `${JSON.stringify({ url, ...(tlsUrl && { tlsUrl }), ...login })}\n`
            : textOf(url, { login, tlsUrl: flags.print ? undefined : tlsUrl }),
        )
        if (!flags.print && !flags.login && !(await openInBrowser(url))) {
          context.err.write('No browser could be started here: open the address yourself.\n')
        }
      })
    })
}

/** Where the gateway speaks TLS as well; a browser is led there only by people, who know whether it trusts the certificate. */
async function tlsUrlOf(url: string, stateDir: string): Promise<string | undefined> {
  const running = await readRunning(stateDir)
  return running?.gatewayTls && tenantUrl(running.gatewayTls, new URL(url).hostname)
}

interface Told {
  readonly login: Login | undefined
  readonly tlsUrl: string | undefined
}

function textOf(url: string, { login, tlsUrl }: Told): string {
  if (login === undefined) return tlsUrl === undefined ? `${url}\n` : `${url}\n${tlsUrl}\n`
  const tls = tlsUrl === undefined ? '' : `With TLS  ${tlsUrl}\n`
  return `URL       ${url}\n${tls}Login     ${login.login}\nPassword  ${login.password}\n`
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
