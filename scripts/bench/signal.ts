import { setTimeout as delay } from 'node:timers/promises'
import { recordOf } from '@pulse/api'
import type { Bench } from './pulse.ts'

/** Longer than any wish takes to be heard. */
const timeoutMs = 30_000

/** A watch of one tenant's workers is open. */
export interface WantedWatch {
  /** When it is heard that they are wanted (`performance.now()`). */
  readonly heardAt: Promise<number>
}

/**
 * How soon a request's wish is known to those who carry it out: from the API, as any of them could hear it, which is
 * later than the gateway has written it.
 */
export async function watchWanted({ objects }: Bench, tenant: string): Promise<WantedWatch> {
  const query = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: `instance-${tenant}` }
  const { resourceVersion } = await objects.list(query)
  const signal = AbortSignal.timeout(timeoutMs)
  const heardAt = firstWanted(objects.watch({ ...query, resourceVersion, signal }))
  // Until it is open, what it tells is late.
  await delay(200)
  return { heardAt }
}

async function firstWanted(events: ReturnType<Bench['objects']['watch']>): Promise<number> {
  for await (const { object } of events) {
    if (Number(recordOf(object.spec).replicas) > 0) return performance.now()
  }
  throw new Error('nobody has wanted it')
}
