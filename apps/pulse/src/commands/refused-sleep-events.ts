import type { KubeObject } from '@pulse/api'
import { refusedSleepReasons } from '../figures/refused-sleep-note.ts'
import type { Cluster } from './context.ts'
import type { FoundEnvironment } from './standing.ts'

/** What the gateway said last of why the environment does not fall asleep; of what it said before `from`, nothing. */
export async function newestRefusal(
  cluster: Pick<Cluster, 'list'>,
  { environment }: FoundEnvironment,
  from: number,
): Promise<string | undefined> {
  const { items } = await cluster.list({
    apiVersion: 'v1',
    kind: 'Event',
    fieldSelector: `involvedObject.uid=${environment.metadata.uid}`,
    limit: 500,
  })
  // Events tell whole seconds.
  const told = items.filter((event) => isRefusal(event) && timeOf(event) >= from - 1_000)
  const newest = told.toSorted((one, other) => timeOf(other) - timeOf(one))[0]
  return newest === undefined ? undefined : String(newest.message ?? '')
}

function isRefusal({ reason }: KubeObject): boolean {
  return refusedSleepReasons.some((known) => known === reason)
}

function timeOf({ lastTimestamp }: KubeObject): number {
  return Date.parse(String(lastTimestamp ?? ''))
}
