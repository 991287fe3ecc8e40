import type { KindDefinition, ObjectRef } from '@pulse/api'
import type { Command } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import type { Cluster, CommandContext, GlobalFlags } from './context.ts'
import { parseResourceArguments, refTo } from './resource-argument.ts'
import { withCluster } from './with-cluster.ts'

export interface ResourceFlags extends GlobalFlags {
  readonly namespace?: string
}

/** One object that a command line names. */
export interface NamedResource<Flags> {
  readonly cluster: Cluster
  readonly kind: KindDefinition
  readonly ref: ObjectRef
  /** `planaclient/acme`, for people. */
  readonly label: string
  readonly flags: Flags
}

/** Does the work for each object of `TYPE NAME…` or `TYPE/NAME…`, one after the other; all types are known before. */
export async function withResources<Flags extends ResourceFlags, Result>(
  context: CommandContext,
  { command, words }: { readonly command: Command; readonly words: readonly string[] },
  work: (resource: NamedResource<Flags>) => Promise<Result>,
): Promise<readonly Result[]> {
  const given = parseResourceArguments(await context.kinds(), words)
  if (given.some(({ names }) => names.length === 0)) {
    throw new CommandError('a name is missing', exitCodes.usage)
  }
  const results: Result[] = []
  await withCluster<Flags>(context, command, async (cluster, flags) => {
    for (const { kind, names } of given) {
      for (const name of names) {
        const ref = refTo(kind, name, flags.namespace)
        const label = `${kind.singular}/${name}`
        results.push(await work({ cluster, kind, ref, label, flags }))
      }
    }
  })
  return results
}
