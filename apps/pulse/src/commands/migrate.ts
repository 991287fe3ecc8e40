import { type Command, Option } from 'commander'
import { CommandError } from '../exit.ts'
import { takeLockWithin } from '../installation/lock.ts'
import { statePaths } from '../installation/state-directory.ts'
import { createProgress } from '../terminal/progress.ts'
import { renderTable } from '../terminal/table.ts'
import type { CommandContext, GlobalFlags } from './context.ts'

interface Flags extends GlobalFlags {
  readonly store?: number
  readonly register?: number
  readonly output: 'text' | 'json'
}

/** `pulse migrate`: which versions Pulse's own tables have, and the way back for the release before. */
export function addMigrate(program: Command, context: CommandContext) {
  program
    .command('migrate')
    .description('show the versions of Pulse’s own tables, or take them back for an older release')
    .addOption(
      new Option('--store <version>', 'take the store back to this version').argParser(version),
    )
    .addOption(
      new Option('--register <version>', 'take the register of databases back to it').argParser(
        version,
      ),
    )
    .addOption(
      new Option('-o, --output <format>', 'what to print')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addHelpText(
      'after',
      `
Examples:
  pulse migrate                          versions that are there, and that this Pulse knows
  pulse migrate --store 1 --register 3   before an older release is started

Forwards nothing needs to be called: the newer release does it at its start. Pulse must not run;
tenants and PostgreSQL may (pulse up --keep-tenants). See docs/runbooks/upgrade.md.`,
    )
    .action(async (_flags: Flags, command: Command) => {
      await migrate(command.optsWithGlobals<Flags>(), context)
    })
}

async function migrate(flags: Flags, context: CommandContext) {
  const config = await context.config(flags)
  const release = await takeLock(config.stateDir, context)
  const { openSchemas } = await import('../installation/schemas.ts')
  const progress = createProgress(context.err)
  try {
    progress.step('reading the versions')
    await using schemas = await openSchemas(config, context.signal)
    if (flags.store !== undefined) await schemas.store.back(flags.store)
    if (flags.register !== undefined) await schemas.register.back(flags.register)
    const versions = {
      store: await schemas.store.versions(),
      register: await schemas.register.versions(),
    }
    progress.done('read')
    if (flags.output === 'json') {
      return void context.out.write(`${JSON.stringify(versions)}\n`)
    }
    const rows = Object.entries(versions).map(([name, { current, known }]) => [
      ...[name, String(current), String(known)],
    ])
    context.out.write(`${renderTable(['TABLES', 'VERSION', 'KNOWN TO THIS PULSE'], rows)}\n`)
  } catch (error) {
    progress.failed('nothing more was changed')
    throw error instanceof Error ? new CommandError(error.message, 1, { cause: error }) : error
  } finally {
    release()
  }
}

async function takeLock(stateDir: string, { hint }: CommandContext): Promise<() => void> {
  try {
    return await takeLockWithin(statePaths(stateDir).lock, 0)
  } catch (error) {
    throw new CommandError(
      `Pulse runs on ${stateDir}: end it first with ${hint('down')}, or where it keeps its tenants by SIGTERM`,
      1,
      { cause: error },
    )
  }
}

function version(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new CommandError(`"${text}" is no version: a whole number`, 2)
}
