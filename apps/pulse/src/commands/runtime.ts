import { apiVersion, defaultOdooVersion, type OdooMajor, textAt } from '@pulse/api'
import type { Runtime } from '@pulse/odoo'
import { type Command, Option } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import { refuseUnreadable } from '../installation/unreadable.ts'
import { createProgress } from '../terminal/progress.ts'
import { renderTable } from '../terminal/table.ts'
import type { CommandContext, GlobalFlags } from './context.ts'
import { addAdd } from './runtime-add.ts'
import { addInstall } from './runtime-install.ts'
import { majorArgument, stateOf } from './runtime-registration.ts'

interface ListFlags extends GlobalFlags {
  readonly output: 'table' | 'json'
}

interface RemoveFlags extends GlobalFlags {
  readonly force?: boolean
}

/**
 * `pulse runtime …`: the Odoos of this machine, one of each major. They are files of the state directory, so all of
 * this works whether Pulse runs or not; a running Pulse follows.
 */
export function addRuntimeCommands(program: Command, context: CommandContext) {
  const runtime = program
    .command('runtime')
    .description('the Odoos of this machine, one of each major')
    .addHelpText(
      'after',
      `
Examples:
  pulse runtime install 18                              fetch Odoo 18 and what it needs
  pulse runtime add 18 --path /opt/odoo18               an Odoo that is there already
  pulse runtime add 18 --path /opt/odoo18 --python /opt/odoo18/venv/bin/python
  pulse runtime list`,
    )
  addAdd(runtime, context)
  addInstall(runtime, context)
  addList(runtime, context)
  addCheck(runtime, context)
  addRemove(runtime, context)
}

function addList(runtime: Command, context: CommandContext) {
  runtime
    .command('list')
    .description('show what is registered')
    .addOption(
      new Option('-o, --output <format>', 'how to show it')
        .choices(['table', 'json'])
        .default('table'),
    )
    .addHelpText('after', '\nExamples:\n  pulse runtime list\n  pulse runtime list -o json')
    .action(async (_flags: ListFlags, command: Command) => {
      const flags = command.optsWithGlobals<ListFlags>()
      const runtimes = await registered(context, flags)
      if (flags.output === 'json') context.out.write(`${JSON.stringify(runtimes, undefined, 2)}\n`)
      else if (runtimes.length === 0) {
        context.err.write('No runtime is registered: the stand-in serves.\n')
      } else context.out.write(`${tableOf(runtimes)}\n`)
    })
}

function addCheck(runtime: Command, context: CommandContext) {
  runtime
    .command('check')
    .addArgument(majorArgument('[major]'))
    .description('try what is registered: version, imports')
    .addHelpText('after', '\nExamples:\n  pulse runtime check\n  pulse runtime check 18')
    .action(async (major: OdooMajor | undefined, _flags: GlobalFlags, command: Command) => {
      const all = await registered(context, command.optsWithGlobals<GlobalFlags>())
      const wanted = major === undefined ? all : all.filter((one) => one.major === major)
      if (major !== undefined && wanted.length === 0) throw notRegistered(major, context)
      const { checkRuntime } = await import('@pulse/odoo')
      const progress = createProgress(context.err)
      let broken = 0
      for (const one of wanted) {
        progress.step(`trying Odoo ${one.version}`)
        const problems = await checkRuntime(one, context.signal)
        if (problems.length === 0) progress.done(`Odoo ${one.version} can serve`)
        else {
          broken += 1
          progress.failed(`Odoo ${one.version}: ${problems.join('; ')}`)
        }
      }
      if (broken > 0) throw new CommandError(`${broken} of ${wanted.length} cannot serve`)
    })
}

function addRemove(runtime: Command, context: CommandContext) {
  runtime
    .command('remove')
    .addArgument(majorArgument())
    .description('forget a runtime; a source tree of your own stays where it is')
    .option('--force', 'also while it serves tenants: they cannot start without it')
    .addHelpText(
      'after',
      '\nExamples:\n  pulse runtime remove 17\n  pulse runtime remove 17 --force',
    )
    .action(async (major: OdooMajor, _flags: RemoveFlags, command: Command) => {
      const flags = command.optsWithGlobals<RemoveFlags>()
      const stateDir = await stateOf(context, flags)
      const { listRuntimes, removeRuntime } = await import('@pulse/odoo')
      if (!flags.force) await refuseWhileServing(context, flags, major)
      if (!(await removeRuntime(stateDir, major))) throw notRegistered(major, context)
      // Where nothing is registered the stand-in plays the default major, and only that.
      const standIn = major === defaultOdooVersion && (await listRuntimes(stateDir)).length === 0
      const then = standIn ? 'the stand-in serves again' : 'its tenants cannot start now'
      createProgress(context.err).done(`Odoo ${major} is forgotten; ${then}`)
    })
}

/** Known where Pulse runs; where it does not, nobody is served. */
async function refuseWhileServing(context: CommandContext, flags: GlobalFlags, major: OdooMajor) {
  const cluster = await connectIfRunning(context, flags)
  if (cluster === undefined) return
  try {
    const kind = { apiVersion, kind: 'TenantEnvironment' }
    const { items } = await cluster.list(kind)
    const served = items.filter((one) => textAt(one, 'spec.odooVersion') === major)
    if (served.length === 0) return
    const names = served.slice(0, 3).map(({ metadata }) => metadata.name)
    const more = served.length > names.length ? ', …' : ''
    throw new CommandError(
      `Odoo ${major} serves ${served.length} environment${served.length === 1 ? '' : 's'} (${names.join(', ')}${more}), which cannot start without it: --force forgets it all the same`,
    )
  } finally {
    await cluster.close()
  }
}

async function connectIfRunning(context: CommandContext, flags: GlobalFlags) {
  try {
    return await context.connect(await context.config(flags))
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === exitCodes.notRunning) return undefined
    throw error
  }
}

async function registered(context: CommandContext, flags: GlobalFlags) {
  const { listRuntimes } = await import('@pulse/odoo')
  const { stateDir } = await context.config(flags)
  try {
    return await listRuntimes(stateDir)
  } catch (error) {
    await refuseUnreadable(stateDir, error)
    throw error
  }
}

function tableOf(runtimes: readonly Runtime[]): string {
  const rows = runtimes.map(({ major, version, standIn, path = '', command }) => [
    major,
    version,
    standIn ? 'stand-in' : 'Odoo',
    standIn ? '' : command[0],
    path,
  ])
  return renderTable(['MAJOR', 'VERSION', 'WHAT', 'PYTHON', 'PATH'], rows)
}

function notRegistered(major: OdooMajor, { hint }: CommandContext): CommandError {
  return new CommandError(
    `no runtime for Odoo ${major} is registered: ${hint(`runtime add ${major} --path DIR`)}, or ${hint(`runtime install ${major}`)}`,
  )
}
