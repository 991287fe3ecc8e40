import { setTimeout as delay } from 'node:timers/promises'
import { hasReason, type KubeObject, type ObjectRef } from '@pulse/api'
import { CommandError, exitCodes } from '../exit.ts'
import type { Cluster } from './context.ts'

export interface WaitLimits {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

type Watched = Pick<Cluster, 'list' | 'watch'>

/** Between two looks at an API that cannot be reached, or that ends its watches at once. */
const firstPauseMs = 50
const longestPauseMs = 2000

/**
 * Watches one object until the test holds; a missing object is tested as undefined. A connection that is lost, as by
 * a restart of Pulse, and a watch that is too old are begun again; any other refusal ends the wait.
 */
export async function waitUntil(
  cluster: Watched,
  ref: ObjectRef,
  { timeoutMs, signal, holds }: WaitLimits & { readonly holds: Test },
): Promise<KubeObject | undefined> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  let pauseMs = firstPauseMs
  while (!limited.aborted) {
    try {
      for await (const seen of statesOf(cluster, ref, limited)) {
        if (holds(seen)) return seen
        pauseMs = firstPauseMs
      }
    } catch (error) {
      if (!limited.aborted && !isPassing(error)) throw error
    }
    await delay(pauseMs, undefined, { signal: limited }).catch(() => undefined)
    pauseMs = Math.min(pauseMs * 2, longestPauseMs)
  }
  if (signal.aborted) throw new CommandError('interrupted', exitCodes.interrupted)
  throw new CommandError(`timed out waiting for ${ref.kind} ${ref.name}`, exitCodes.timeout)
}

type Test = (object: KubeObject | undefined) => boolean

export async function waitUntilGone(cluster: Watched, ref: ObjectRef, limits: WaitLimits) {
  await waitUntil(cluster, ref, { ...limits, holds: (object) => object === undefined })
}

/** The object as it is, and as it becomes; undefined while there is none. */
async function* statesOf(cluster: Watched, ref: ObjectRef, signal: AbortSignal) {
  const { apiVersion, kind, name, namespace } = ref
  const query = {
    apiVersion,
    kind,
    fieldSelector: `metadata.name=${name}`,
    ...(namespace !== undefined && { namespace }),
    signal,
  }
  const { items, resourceVersion } = await cluster.list(query)
  yield items[0]
  for await (const { type, object } of cluster.watch({ ...query, resourceVersion })) {
    if (type !== 'BOOKMARK') yield type === 'DELETED' ? undefined : object
  }
}

function isPassing(error: unknown): boolean {
  return hasReason(error, 'Expired') || hasReason(error, 'ServiceUnavailable')
}
