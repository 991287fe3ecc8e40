import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { createLog } from '@pulse/service'
import { type Command, Option } from 'commander'
import { CommandError } from '../exit.ts'
import { LockedError } from '../installation/lock.ts'
import { openStateDirectory } from '../installation/state-directory.ts'
import { readRunning } from '../server/running.ts'
import type { Server } from '../server/start-server.ts'
import { createProgress } from '../terminal/progress.ts'
import type { CommandContext, GlobalFlags } from './context.ts'
import { createTenant, makeClient, welcomeText } from './create.ts'

interface Flags extends GlobalFlags {
  readonly firstTenant?: string
  readonly keepTenants?: boolean
  readonly logTo: 'file' | 'stderr'
}

/** `pulse up`: everything on this machine, in the foreground, until Ctrl-C. */
export function addUp(program: Command, context: CommandContext) {
  program
    .command('up')
    .description('start everything on this machine and stay until Ctrl-C')
    .option('--first-tenant <name>', 'create this tenant if there is none yet')
    .option('--keep-tenants', 'on SIGTERM leave tenants and PostgreSQL running, for the next start')
    .addOption(
      new Option('--log-to <where>', 'where the log goes')
        .choices(['file', 'stderr'])
        .default('file'),
    )
    .addHelpText(
      'after',
      `
Examples:
  pulse up                                everything, under the default state directory
  pulse up --state ./second --http-port 8081   a second installation beside the first`,
    )
    .action(async (_flags: Flags, command: Command) => {
      await up(command.optsWithGlobals<Flags>(), context)
    })
}

async function up(flags: Flags, context: CommandContext) {
  const { out, err } = context
  const config = context.config(flags)
  const state = await openStateDirectory(config.stateDir)
  const log = createLog(
    config.logLevel,
    flags.logTo === 'file'
      ? createWriteStream(state.paths.log, { flags: 'a', mode: 0o600 })
      : undefined,
  )
  const progress = createProgress(err)
  const end = endSignals()
  // Loaded only here: every other command would pay for it.
  const { startServer } = await import('../server/start-server.ts')
  let server: Server
  try {
    progress.step('starting Pulse')
    server = await startServer({
      config,
      log,
      onStep: progress.step,
      onNotice: (text) => err.write(`! ${text}\n`),
    })
    progress.done(`Pulse is running at ${server.running.gateway}`)
  } catch (error) {
    progress.failed('Pulse did not start')
    if (error instanceof LockedError) throw await alreadyRunning(config.stateDir, error)
    log.error({ err: error }, 'start failed')
    throw error
  }

  for (const warning of server.warnings) err.write(`! ${warning}\n`)
  if (server.standIn) err.write(standInNotice)
  try {
    if (flags.firstTenant !== undefined) await greet(flags.firstTenant, config, context)
    out.write(`Log: ${state.paths.log}. Stop with Ctrl-C.\n`)
    const signal = await end
    const keepTenants = signal === 'SIGTERM' && flags.keepTenants === true
    progress.step(keepTenants ? 'stopping; tenants stay' : 'stopping tenants and PostgreSQL')
    await server.stop({ keepTenants })
    progress.done('stopped')
  } catch (error) {
    await server.stop({ keepTenants: false })
    throw error
  }
}

const standInNotice = `
  ************************************************************************
  *  No Odoo is registered: a STAND-IN answers for it. It shows a login  *
  *  and a few records; it is no ERP. The real one comes with            *
  *      pulse runtime install 18                                        *
  ************************************************************************

`

/** The first tenant of a new installation; an old installation is only pointed to. */
async function greet(
  name: string,
  config: Parameters<CommandContext['connect']>[0],
  context: CommandContext,
) {
  const cluster = await context.connect(config)
  try {
    const ref = { apiVersion: 'planapulse.com/v1alpha1', kind: 'PLANAClient', name }
    if (await cluster.get(ref)) {
      context.out.write(`Tenant ${name} is there already: pulse open ${name}\n`)
      return
    }
    const client = makeClient(name, {
      owner: `owner@${name}.example`,
      company: `${name[0]?.toUpperCase()}${name.slice(1)} Company`,
      tier: 'starter',
      odoo: '18',
      project: '0',
    })
    const tenant = await createTenant(cluster, client, { wait: true, timeout: '5m' }, context)
    if (tenant) context.out.write(welcomeText(tenant))
  } finally {
    await cluster.close()
  }
}

/** The first of SIGINT and SIGTERM; a second one ends at once. */
async function endSignals(): Promise<NodeJS.Signals> {
  const first = await Promise.race(
    (['SIGINT', 'SIGTERM'] as const).map(async (name) => {
      await once(process, name)
      return name
    }),
  )
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(1))
  return first
}

async function alreadyRunning(stateDir: string, cause: unknown): Promise<CommandError> {
  const running = await readRunning(stateDir)
  const who = running ? `process ${running.pid}, ${running.gateway}` : 'another process'
  return new CommandError(
    `Pulse is running on ${stateDir} already (${who}). A second one needs a state directory of its own: --state DIR`,
    1,
    { cause },
  )
}
