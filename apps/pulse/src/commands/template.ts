import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { editions, type KubeObject, type OdooMajor, odooMajors, recordOf } from '@pulse/api'
import { retryOf } from '@pulse/compositions'
import { Argument, type Command, Option } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import { createProgress } from '../terminal/progress.ts'
import { renderTable } from '../terminal/table.ts'
import { findCondition } from './conditions.ts'
import type { CommandContext, GlobalFlags } from './context.ts'
import { timeoutOption } from './duration.ts'
import { requestTemplate, templateKind } from './template-request.ts'
import { waitUntil } from './wait-until.ts'
import { withCluster } from './with-cluster.ts'

interface ImportFlags extends GlobalFlags {
  readonly edition: (typeof editions)[number]
  readonly dump: string
  readonly filestore?: string
  /** In milliseconds. */
  readonly timeout: number
}

interface ListFlags extends GlobalFlags {
  readonly output: 'table' | 'json'
}

/** `pulse template …`: the databases from which tenants are cloned. */
export function addTemplateCommands(program: Command, context: CommandContext) {
  const template = program
    .command('template')
    .description('the databases from which tenants are cloned')
    .addHelpText(
      'after',
      `
Examples:
  pulse template list
  pulse template import 18 --edition pro --dump pro.dump --filestore pro.filestore.tar.gz`,
    )
  addImport(template, context)
  addList(template, context)
}

function addImport(template: Command, context: CommandContext) {
  template
    .command('import')
    .addArgument(new Argument('<major>', 'Odoo version of the dump').choices(odooMajors))
    .description('make the template of an edition from a dump, in place of the one before')
    .addOption(
      new Option('--edition <name>', 'basic: tier starter; pro: tiers pro and enterprise')
        .choices(editions)
        .makeOptionMandatory(),
    )
    .requiredOption('--dump <file>', 'of pg_dump, or the archive of Odoo’s database manager')
    .option('--filestore <path>', 'archive or folder of the files that belong to the dump')
    .addOption(timeoutOption('30m'))
    .addHelpText(
      'after',
      `
Examples:
  pulse template import 18 --edition basic --dump odoo18.dump --filestore odoo18.filestore.tar.gz
  pulse template import 17 --edition pro --dump backup.zip

The template before serves until the new one is complete, then its standbys go. Tenants stay as they are. The same
files again change nothing, unless the last import failed.`,
    )
    .action(async (major: OdooMajor, _flags: ImportFlags, command: Command) => {
      await withCluster<ImportFlags>(context, command, async (cluster, flags) => {
        const progress = createProgress(context.err)
        const name = `${flags.edition}-${major}`
        progress.step(`template ${name}: reading ${flags.dump}`)
        const dump = await mustExist(flags.dump)
        const filestore = flags.filestore && (await mustExist(flags.filestore))
        const wanted = await requestTemplate(cluster, {
          edition: flags.edition,
          major,
          dump,
          filestore,
          rev: await revisionOf([dump, ...(filestore ? [filestore] : [])]),
        })
        try {
          await waitUntil(
            cluster,
            { ...templateKind, name },
            {
              timeoutMs: flags.timeout,
              signal: context.signal,
              holds(seen) {
                const state = stateOf(seen, wanted)
                if (state.message) progress.step(`template ${name}: ${state.message}`)
                if (state.failed) throw new CommandError(state.message)
                return state.ready
              },
            },
          )
        } catch (error) {
          progress.failed(`template ${name} is not ready`)
          throw error
        }
        progress.done(`template ${name} is ready: new tenants are cloned from it`)
      })
    })
}

function addList(template: Command, context: CommandContext) {
  template
    .command('list')
    .description('show templates with their modules, size and standbys')
    .addOption(
      new Option('-o, --output <format>', 'how to show them')
        .choices(['table', 'json'])
        .default('table'),
    )
    .addHelpText('after', '\nExamples:\n  pulse template list\n  pulse template list -o json')
    .action(async (_flags: ListFlags, command: Command) => {
      await withCluster<ListFlags>(context, command, async (cluster, flags) => {
        const { items } = await cluster.list(templateKind)
        if (flags.output === 'json') {
          context.out.write(`${JSON.stringify(items, undefined, 2)}\n`)
        } else if (items.length === 0) context.err.write('There is no template.\n')
        else context.out.write(`${tableOf(items)}\n`)
      })
    })
}

/** Absolute, since the task that reads it runs elsewhere. */
async function mustExist(path: string): Promise<string> {
  const found = resolve(path)
  await stat(found).catch((cause: unknown) => {
    throw new CommandError(`cannot read ${path}`, exitCodes.usage, { cause })
  })
  return found
}

/** The content of the files, so that others under the same names make the template anew. */
async function revisionOf(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const path of paths) {
    if ((await stat(path)).isFile()) {
      await pipeline(createReadStream(path), hash, { end: false })
    } else hash.update(path)
  }
  return hash.digest('hex').slice(0, 16)
}

/** What the status says of this very request; that of an older one, or of an earlier attempt at it, is passed over. */
function stateOf(seen: KubeObject | undefined, wanted: KubeObject) {
  if (seen === undefined) throw new CommandError('the template was deleted')
  const { observedGeneration, observedRetry } = recordOf(seen.status)
  if (Number(observedGeneration ?? 0) < (wanted.metadata.generation ?? 0)) return { ready: false }
  // A retry changes an annotation alone, and with it no generation.
  if (Number(observedRetry ?? 0) !== retryOf(seen)) return { ready: false }
  const { reason, message = '' } = findCondition(seen, 'DatabaseReady') ?? {}
  return {
    ready: findCondition(seen, 'Ready')?.status === 'True',
    failed: reason === 'BuildFailed',
    message,
  }
}

function tableOf(templates: readonly KubeObject[]): string {
  const rows = templates.map((one) => {
    const { modules, sizeBytes, standbys, database } = recordOf(one.status)
    return [
      one.metadata.name,
      findCondition(one, 'Ready')?.status ?? 'Unknown',
      text(modules),
      typeof sizeBytes === 'number' ? `${(sizeBytes / 1024 ** 2).toFixed(0)} MiB` : '',
      text(standbys),
      text(database),
    ]
  })
  return renderTable(['NAME', 'READY', 'MODULES', 'SIZE', 'STANDBYS', 'DATABASE'], rows)
}

function text(value: unknown): string {
  return value === undefined ? '' : String(value)
}
