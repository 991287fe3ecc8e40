import { type OdooMajor, odooMajors } from '@pulse/api'
import type { Runtime } from '@pulse/odoo'
import { Argument, type Command, Option } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import { openStateDirectory } from '../installation/state-directory.ts'
import { createProgress, type Progress } from '../terminal/progress.ts'
import { renderTable } from '../terminal/table.ts'
import type { CommandContext, GlobalFlags } from './context.ts'

interface AddFlags extends GlobalFlags {
  readonly path?: string
  readonly python?: string
  readonly standIn?: boolean
}

interface InstallFlags extends GlobalFlags {
  readonly from?: string
  readonly ref?: string
  readonly python?: string
}

interface ListFlags extends GlobalFlags {
  readonly output: 'table' | 'json'
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

function addAdd(runtime: Command, context: CommandContext) {
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
      await register(context, flags, major, (stateDir, progress) =>
        flags.path === undefined
          ? addStandIn(stateDir, major)
          : addSource(stateDir, major, { ...flags, path: flags.path }, { progress, context }),
      )
    })
}

function addInstall(runtime: Command, context: CommandContext) {
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
      await register(context, flags, major, async (stateDir, progress) => {
        const { installRuntime } = await import('@pulse/odoo')
        const { from, ref, python } = flags
        const { signal } = context
        const onLine = lineTo(progress)
        return installRuntime({ stateDir, major, from, ref, python, onLine, signal })
      })
    })
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
      if (major !== undefined && wanted.length === 0) throw notRegistered(major)
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
    .addHelpText('after', '\nExamples:\n  pulse runtime remove 17')
    .action(async (major: OdooMajor, _flags: GlobalFlags, command: Command) => {
      const stateDir = await stateOf(context, command.optsWithGlobals<GlobalFlags>())
      const { removeRuntime } = await import('@pulse/odoo')
      if (!(await removeRuntime(stateDir, major))) throw notRegistered(major)
      createProgress(context.err).done(`Odoo ${major} is forgotten; its tenants cannot start now`)
    })
}

function majorArgument(name = '<major>'): Argument {
  return new Argument(name, 'Odoo version').choices(odooMajors)
}

/** Runs one registration with its progress; the reason of a failure is the last line. */
async function register(
  context: CommandContext,
  flags: GlobalFlags,
  major: OdooMajor,
  work: (stateDir: string, progress: Progress) => Promise<Runtime>,
) {
  const stateDir = await stateOf(context, flags)
  const progress = createProgress(context.err)
  progress.step(`Odoo ${major}`)
  try {
    const wasStandIn = await isServedByStandIn(stateDir, major)
    const { version, standIn } = await work(stateDir, progress)
    progress.done(standIn ? `the stand-in serves Odoo ${version}` : `Odoo ${version} is registered`)
    if (wasStandIn && !standIn) {
      progress.note(
        `Tenants of ${major} that the stand-in made cannot be opened by Odoo: pulse delete them and create them again.`,
      )
    }
  } catch (error) {
    progress.failed(`Odoo ${major} was not registered`)
    throw error
  }
}

async function isServedByStandIn(stateDir: string, major: OdooMajor): Promise<boolean> {
  const { listRuntimes } = await import('@pulse/odoo')
  const before = (await listRuntimes(stateDir)).find((runtime) => runtime.major === major)
  return before === undefined || before.standIn
}

async function addSource(
  stateDir: string,
  major: OdooMajor,
  { path, python }: { readonly path: string; readonly python?: string },
  { progress, context }: { readonly progress: Progress; readonly context: CommandContext },
): Promise<Runtime> {
  const { addRuntime } = await import('@pulse/odoo')
  const onLine = lineTo(progress)
  return addRuntime({ stateDir, major, path, python, onLine, signal: context.signal })
}

/** A copy of its own, which goes with the registration. */
async function addStandIn(stateDir: string, major: OdooMajor): Promise<Runtime> {
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

/** What must stay to be read gets a line of its own. */
function lineTo(progress: Progress): (line: string) => void {
  return (line) => (line.startsWith('warning:') ? progress.note(line) : progress.step(line))
}

async function stateOf(context: CommandContext, flags: GlobalFlags): Promise<string> {
  return (await openStateDirectory(context.config(flags).stateDir)).root
}

async function registered(context: CommandContext, flags: GlobalFlags) {
  const { listRuntimes } = await import('@pulse/odoo')
  return listRuntimes(context.config(flags).stateDir)
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

function notRegistered(major: OdooMajor): CommandError {
  return new CommandError(
    `no runtime for Odoo ${major} is registered: pulse runtime add ${major} --path DIR, or pulse runtime install ${major}`,
  )
}
