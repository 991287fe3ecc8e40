import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type KubeObject, keyOf, refOf, StatusError } from '@pulse/api'
import type { Command } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import { type Manifest, parseManifests } from '../manifests.ts'
import { refusalWords } from '../refusal-words.ts'
import type { Cluster, CommandContext, GlobalFlags } from './context.ts'
import { type OutputFlags, outputOption } from './output-option.ts'
import { jsonOf } from './print.ts'
import { withCluster } from './with-cluster.ts'

interface Flags extends GlobalFlags, OutputFlags {
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
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
Examples:
  pulse apply -f acme.yaml
  pulse apply -f tenants/ -o json
  pulse render -f acme.yaml | pulse apply --dry-run -f -`,
    )
    .action(async (_flags: Flags, command: Command) => {
      const manifests = await readManifests(command.opts<Flags>().filename)
      await withCluster<Flags>(context, command, (cluster, flags) =>
        applyAll(manifests, { cluster, flags, context }),
      )
    })
}

interface Applying {
  readonly cluster: Cluster
  readonly flags: Flags
  readonly context: Pick<CommandContext, 'out' | 'err'>
}

/** Every object is tried, so that all refusals are seen at once. */
async function applyAll(manifests: readonly Manifest[], { cluster, flags, context }: Applying) {
  const { out, err } = context
  const applied: KubeObject[] = []
  for (const { object, placeOf } of manifests) {
    const label = `${object.kind.toLowerCase()}/${object.metadata.name}`
    try {
      const { outcome, after } = await applyOne(cluster, object, flags)
      applied.push(after)
      if (flags.output === 'text') {
        out.write(`${label} ${outcome}${flags.dryRun ? ' (dry run)' : ''}\n`)
      }
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      err.write(`${label} refused: ${refusalWords(error, placeOf)}\n`)
      if (isOwnedElsewhere(error)) err.write(forceHint)
    }
  }
  if (flags.output === 'json') out.write(`${jsonOf(applied)}\n`)
  const refused = manifests.length - applied.length
  if (refused > 0) throw new CommandError(`${refused} of ${manifests.length} refused`)
}

function isOwnedElsewhere({ details }: StatusError): boolean {
  return (details.causes ?? []).some(({ reason }) => reason === 'FieldManagerConflict')
}

const forceHint = `  Somebody else has set these fields. Leave them out of the file to let them be, or take them over with --force:
  then they become as the file says, and the other one owns them no more.
`

async function applyOne(cluster: Cluster, object: KubeObject, { dryRun, force }: Flags) {
  const before = await cluster.get(refOf(object))
  const after = await cluster.apply(object, {
    fieldManager,
    ...(dryRun && { dryRun }),
    ...(force && { force }),
  })
  if (!before) return { outcome: 'created', after }
  const isSame = before.metadata.resourceVersion === after.metadata.resourceVersion
  return { outcome: isSame ? 'unchanged' : 'configured', after }
}

/** All objects of all files, each key once. */
export async function readManifests(paths: readonly string[]): Promise<Manifest[]> {
  const manifests = (await Promise.all(paths.map(readPath))).flat()
  const seen = new Set<string>()
  for (const { object } of manifests) {
    const key = keyOf(refOf(object))
    if (seen.has(key)) throw new CommandError(`${key} is given twice`, exitCodes.usage)
    seen.add(key)
  }
  return manifests
}

async function readPath(path: string): Promise<Manifest[]> {
  if (path === '-') return parseManifests(await text(process.stdin), 'standard input')
  try {
    if (!(await stat(path)).isDirectory()) return parseManifests(await readFile(path, 'utf8'), path)
    const files = (await readdir(path)).filter((name) => /\.(ya?ml|json)$/.test(name)).sort()
    if (files.length === 0) {
      throw new CommandError(
        `no .yaml, .yml or .json files in ${path} (subfolders are not read)`,
        exitCodes.usage,
      )
    }
    return (await Promise.all(files.map((name) => readPath(join(path, name))))).flat()
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(`cannot read ${path}: ${reasonOf(error)}`, exitCodes.usage, {
      cause: error,
    })
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  return reasons[code] ?? code
}
