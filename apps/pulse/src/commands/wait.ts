import type { KindDefinition, KubeObject, ObjectRef } from '@pulse/api'
import type { Command } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import { createProgress } from '../terminal/progress.ts'
import type { Cluster, CommandContext, GlobalFlags } from './context.ts'
import { parseDuration } from './duration.ts'
import { parseResourceArguments, refTo } from './resource-argument.ts'
import { withCluster } from './with-cluster.ts'

interface Flags extends GlobalFlags {
  readonly for: string
  readonly namespace?: string
  readonly timeout: string
}

/** `pulse wait TYPE NAME --for=…`. */
export function addWait(program: Command, context: CommandContext) {
  program
    .command('wait <type> <names...>')
    .description('wait until resources are as wanted')
    .option('--for <what>', 'condition=TYPE, condition=TYPE=STATUS, or delete', 'condition=Ready')
    .option('-n, --namespace <name>', 'namespace of namespaced resources')
    .option('--timeout <duration>', 'how long to wait', '5m')
    .addHelpText(
      'after',
      `
Examples:
  pulse wait planaclient acme
  pulse wait planaclient acme --for=delete --timeout=1m

Exit code 3 when the time is over.`,
    )
    .action(async (type: string, names: string[], _flags: Flags, command: Command) => {
      await withCluster<Flags>(context, command, async (cluster, flags) => {
        for (const { kind, names: wanted } of parseResourceArguments(context.kinds, [
          type,
          ...names,
        ])) {
          for (const name of wanted) await waitForOne(cluster, kind, name, flags, context)
        }
      })
    })
}

async function waitForOne(
  cluster: Cluster,
  kind: KindDefinition,
  name: string,
  flags: Flags,
  { err, signal }: CommandContext,
) {
  const ref = refTo(kind, name, flags.namespace)
  const progress = createProgress(err)
  progress.step(`${kind.singular}/${name}: waiting for ${flags.for}`)
  const timeoutMs = parseDuration(flags.timeout)
  if (flags.for === 'delete') await waitUntilGone(cluster, ref, timeoutMs, signal)
  else {
    const [type, status] = conditionOf(flags.for)
    await waitUntil(cluster, ref, { timeoutMs, signal }, (object) => {
      const condition = findCondition(object, type)
      if (condition?.message) progress.step(`${kind.singular}/${name}: ${condition.message}`)
      return condition?.status === status
    })
  }
  progress.done(`${kind.singular}/${name}: ${flags.for} met`)
}

function conditionOf(text: string): readonly [type: string, status: string] {
  const match = /^condition=([A-Za-z.]+)(?:=(True|False|Unknown))?$/i.exec(text)
  if (!match?.[1]) {
    throw new CommandError(
      `--for=${text}: write condition=TYPE, condition=TYPE=STATUS or delete`,
      exitCodes.usage,
    )
  }
  const status = match[2] ?? 'True'
  return [match[1], `${status[0]?.toUpperCase()}${status.slice(1).toLowerCase()}`]
}

interface ShownCondition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
}

/** A condition of any object, when its generation is the newest. */
export function findCondition(
  object: KubeObject | undefined,
  type: string,
): ShownCondition | undefined {
  return conditionsOf(object).find(
    (condition) => condition.type.toLowerCase() === type.toLowerCase(),
  )
}

export function conditionsOf(object: KubeObject | undefined): readonly ShownCondition[] {
  const status = object?.status
  if (typeof status !== 'object' || status === null || !('conditions' in status)) return []
  return Array.isArray(status.conditions) ? status.conditions : []
}

export interface WaitLimits {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Watches one object until the test holds; a missing object is tested as undefined. */
export async function waitUntil(
  cluster: Cluster,
  ref: ObjectRef,
  { timeoutMs, signal }: WaitLimits,
  holds: (object: KubeObject | undefined) => boolean,
): Promise<KubeObject | undefined> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  const query = {
    apiVersion: ref.apiVersion,
    kind: ref.kind,
    fieldSelector: `metadata.name=${ref.name}`,
    ...(ref.namespace !== undefined && { namespace: ref.namespace }),
  }
  while (!limited.aborted) {
    const { items, resourceVersion } = await cluster.list(query)
    if (holds(items[0])) return items[0]
    try {
      for await (const { type, object } of cluster.watch({
        ...query,
        resourceVersion,
        signal: limited,
      })) {
        const seen = type === 'DELETED' ? undefined : object
        if (type !== 'BOOKMARK' && holds(seen)) return seen
      }
    } catch (error) {
      // A watch may end early (410, a restart): list again, until the time is over.
      if (!limited.aborted && !(error instanceof Error)) throw error
    }
  }
  if (signal.aborted) throw new CommandError('interrupted')
  throw new CommandError(`timed out waiting for ${ref.kind} ${ref.name}`, exitCodes.timeout)
}

export async function waitUntilGone(
  cluster: Cluster,
  ref: ObjectRef,
  timeoutMs: number,
  signal: AbortSignal,
) {
  await waitUntil(cluster, ref, { timeoutMs, signal }, (object) => object === undefined)
}
