import { hasReason } from '@pulse/api'
import type { Cluster } from './context.ts'

/** A restart takes less, with what a service manager pauses before it. */
const graceMs = 15_000

export interface ServerWatch {
  /** Whether a server runs, starts or stops on the state directory. */
  readonly isThere: () => Promise<boolean>
  /** What the command then ends with. */
  readonly refusal: () => Error
  /** In milliseconds. */
  readonly now: () => number
}

/**
 * The API for commands that wait: they go on over a restart of Pulse, and each look of theirs ends them once the server
 * has been gone for longer than one takes.
 */
export function endsWithServer(cluster: Cluster, { isThere, refusal, now }: ServerWatch): Cluster {
  let awaySince: number | undefined
  async function looked<T>(look: () => Promise<T>): Promise<T> {
    try {
      const found = await look()
      awaySince = undefined
      return found
    } catch (error) {
      if (!hasReason(error, 'ServiceUnavailable')) throw error
      awaySince ??= now()
      if (now() < awaySince + graceMs) throw error
      if (!(await isThere())) throw refusal()
      awaySince = undefined
      throw error
    }
  }
  return {
    ...cluster,
    get: (ref) => looked(() => cluster.get(ref)),
    list: (query) => looked(() => cluster.list(query)),
  }
}
