import { hasReason, type KindDefinition, type ObjectRef } from '@pulse/api'
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

interface Work<Flags, Result> {
  readonly each: (resource: NamedResource<Flags>) => Promise<Result>
  /** Told what came of those that are there, also when others are not. */
  readonly show?: (results: readonly Result[]) => void
}

/**
 * Does the work for each object of `TYPE NAME…` or `TYPE/NAME…`, one after the other; all types are known before. One
 * that is not there keeps no other from its turn: all that are missing are told at the end, as kubectl does.
 */
export async function withResources<Flags extends ResourceFlags, Result>(
  context: CommandContext,
  { command, words }: { readonly command: Command; readonly words: readonly string[] },
  { each, show }: Work<Flags, Result>,
) {
  const given = parseResourceArguments(await context.kinds(), words)
  if (given.some(({ names }) => names.length === 0)) {
    throw new CommandError('a name is missing', exitCodes.usage)
  }
  const results: Result[] = []
  const missing: string[] = []
  await withCluster<Flags>(context, command, async (cluster, flags) => {
    for (const { kind, names } of given) {
      for (const name of names) {
        const ref = refTo(kind, name, flags.namespace)
        const label = `${kind.singular}/${name}`
        try {
          results.push(await each({ cluster, kind, ref, label, flags }))
        } catch (error) {
          if (!hasReason(error, 'NotFound')) throw error
          missing.push(error.message)
        }
      }
    }
  })
  if (results.length > 0) show?.(results)
  if (missing.length > 0) throw new CommandError(missing.join('\n'))
}
