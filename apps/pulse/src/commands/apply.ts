import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type KubeObject, keyOf, refOf, StatusError } from '@pulse/api'
import type { Command } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import { parseManifests } from '../manifests.ts'
import type { Cluster, CommandContext, GlobalFlags } from './context.ts'
import { withCluster } from './with-cluster.ts'

interface Flags extends GlobalFlags {
  readonly filename: readonly string[]
  readonly dryRun?: boolean
  readonly force?: boolean
}

const fieldManager = 'pulse-apply'

/** `pulse apply -f FILE…`: server-side apply of everything in the files. */
export function addApply(program: Command, context: CommandContext) {
  program
    .command('apply')
    .description('make resources as files describe them')
    .requiredOption(
      '-f, --filename <paths...>',
      'YAML or JSON files or folders; - for standard input',
    )
    .option('--dry-run', 'check everything, write nothing')
    .option('--force', 'take over fields that another manager owns')
    .addHelpText(
      'after',
      `
Examples:
  pulse apply -f acme.yaml
  pulse render acme.yaml | pulse apply --dry-run -f -`,
    )
    .action(async (_flags: Flags, command: Command) => {
      const objects = await readManifests(command.opts<Flags>().filename)
      await withCluster<Flags>(context, command, (cluster, flags) =>
        applyAll(cluster, objects, flags, context),
      )
    })
}

/** Every object is tried, so that all refusals are seen at once. */
async function applyAll(
  cluster: Cluster,
  objects: readonly KubeObject[],
  flags: Flags,
  { out, err }: CommandContext,
) {
  let refused = 0
  for (const object of objects) {
    const label = `${object.kind.toLowerCase()}/${object.metadata.name}`
    try {
      out.write(
        `${label} ${await applyOne(cluster, object, flags)}${flags.dryRun ? ' (dry run)' : ''}\n`,
      )
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      refused += 1
      err.write(`${label} refused: ${error.message}\n`)
      for (const { field, message } of error.details.causes ?? [])
        err.write(`  ${field}: ${message}\n`)
    }
  }
  if (refused > 0) throw new CommandError(`${refused} of ${objects.length} refused`)
}

async function applyOne(
  cluster: Cluster,
  object: KubeObject,
  { dryRun, force }: Flags,
): Promise<string> {
  const before = await cluster.get(refOf(object))
  const after = await cluster.apply(object, {
    fieldManager,
    ...(dryRun && { dryRun }),
    ...(force && { force }),
  })
  if (!before) return 'created'
  return before.metadata.resourceVersion === after.metadata.resourceVersion
    ? 'unchanged'
    : 'configured'
}

/** All objects of all files, each key once. */
export async function readManifests(paths: readonly string[]): Promise<KubeObject[]> {
  const objects = (await Promise.all(paths.map(readPath))).flat()
  const seen = new Set<string>()
  for (const object of objects) {
    const key = keyOf(refOf(object))
    if (seen.has(key)) throw new CommandError(`${key} is given twice`, exitCodes.usage)
    seen.add(key)
  }
  return objects
}

async function readPath(path: string): Promise<KubeObject[]> {
  if (path === '-') return parseManifests(await text(process.stdin), 'standard input')
  try {
    if (!(await stat(path)).isDirectory()) return parseManifests(await readFile(path, 'utf8'), path)
    const files = (await readdir(path)).filter((name) => /\.(ya?ml|json)$/.test(name)).sort()
    return (await Promise.all(files.map((name) => readPath(join(path, name))))).flat()
  } catch (error) {
    if (error instanceof CommandError) throw error
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new CommandError(`cannot read ${path}: ${reason}`, exitCodes.usage, { cause: error })
  }
}
