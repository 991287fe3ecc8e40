import type { Log } from '@pulse/api'
import { createLog } from '@pulse/service'
import { type Command, Option } from 'commander'
import { configSummary, mistakenSettings, type PulseConfig } from '../config.ts'
import { CommandError } from '../exit.ts'
import { LockedError } from '../installation/lock.ts'
import { openLogFile } from '../installation/log-file.ts'
import { openStateDirectory } from '../installation/state-directory.ts'
import { boundHeap } from '../launch/bound-heap.ts'
import { readRunning } from '../server/running.ts'
import type { Server } from '../server/start-server.ts'
import { createProgress, type Progress } from '../terminal/progress.ts'
import { version } from '../version.ts'
import type { CommandContext, GlobalFlags } from './context.ts'
import { type EndSignal, listenForEnd } from './end-signal.ts'
import { greetFirstTenant } from './first-tenant.ts'
import { tenantUrl } from './tenant-url.ts'

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
    .option('--first-tenant <name>', 'create this tenant if there is no tenant at all yet')
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
  const config = await context.config(flags)
  boundHeap(config.heapMegabytes)
  const end = listenForEnd()
  const state = await openStateDirectory(config.stateDir)
  const file = flags.logTo === 'file' ? openLogFile(state.paths.log) : undefined
  const log = createLog(config.logLevel, file)
  log.info({ version, config: configSummary(config) }, 'Pulse starts')
  for (const mistake of mistakenSettings()) {
    err.write(`! ${mistake}\n`)
    log.warn({}, mistake)
  }

  const progress = createProgress(err)
  const server = await start({ config, log, progress, end }, context)
  if (server === undefined) return
  for (const warning of server.warnings) err.write(`! ${warning}\n`)
  if (server.standIn) err.write(standInNotice(context.hint('runtime install 18')))
  try {
    if (flags.firstTenant !== undefined) {
      await greetFirstTenant(flags.firstTenant, config, { ...context, signal: end.signal })
    }
    if (!end.signal.aborted) {
      const where = file ? `Log: ${state.paths.log}. ` : ''
      out.write(`${where}Stop with Ctrl-C.\n`)
    }
    const keepTenants = (await end.name) === 'SIGTERM' && flags.keepTenants === true
    progress.step(keepTenants ? 'stopping; tenants stay' : 'stopping tenants and PostgreSQL')
    await server.stop({ keepTenants })
    progress.done('stopped')
  } catch (error) {
    await server.stop({ keepTenants: false })
    throw error
  }
}

interface Start {
  readonly config: PulseConfig
  readonly log: Log
  readonly progress: Progress
  readonly end: EndSignal
}

/** The running server; undefined when it was told to end before it ran. */
async function start(
  { config, log, progress, end }: Start,
  { err, hint }: CommandContext,
): Promise<Server | undefined> {
  progress.step('starting Pulse')
  // Loaded only here: every other command would pay for it.
  const [{ startServer }, { checkGatewayLists }] = await Promise.all([
    import('../server/start-server.ts'),
    import('../server/admission.ts'),
  ])
  try {
    checkGatewayLists(config)
    const server = await startServer({
      config,
      log,
      onStep: progress.step,
      onNotice: (text) => err.write(`! ${text}\n`),
      interrupted: end.signal,
    })
    const { gateway, gatewayTls } = server.running
    const addresses = [gateway, gatewayTls ?? []]
      .flat()
      .map((door) => tenantUrl(door, `NAME.${config.tenantDomain}`))
    progress.done(`Pulse is running: tenants answer at ${addresses.join(' and ')}`)
    return server
  } catch (error) {
    if (end.signal.aborted) {
      // Tenants of an external PostgreSQL may run, whatever we know of it; without our own none can serve.
      const { isPostgresRunning } = await import('@pulse/odoo')
      const isLeft = config.databaseUrl !== undefined || (await isPostgresRunning(config.stateDir))
      const left = isLeft ? `; what ran before still runs: ${hint('down')}` : ''
      progress.failed(`stopped during the start${left}`)
      return undefined
    }
    progress.failed('Pulse did not start')
    if (error instanceof LockedError) throw await alreadyRunning(config.stateDir, error)
    log.error({ err: error }, 'start failed')
    throw error
  }
}

const standInNotice = (command: string) => `
  ************************************************************************
  *  No Odoo is registered: a STAND-IN answers for it. It shows a login  *
  *  and a few records; it is no ERP. The real one comes with            *
  *      ${command.padEnd(64)}*
  ************************************************************************

`

async function alreadyRunning(stateDir: string, cause: unknown): Promise<CommandError> {
  const running = await readRunning(stateDir)
  const who = running ? `process ${running.pid}, ${running.gateway}` : 'another process'
  return new CommandError(
    `Pulse is running on ${stateDir} already (${who}). A second one needs a state directory of its own: --state DIR`,
    1,
    { cause },
  )
}
