import type { KubeObject } from '@pulse/api'
import type { RunnerContext } from './context.ts'
import { endOrphan } from './end-orphan.ts'
import { type PodJournal, readJournals } from './journal.ts'
import type { Tenant } from './nft-rules.ts'
import { parsePod } from './pod.ts'
import { createPodLife, type PodLife } from './pod-life.ts'

/** The pods of this machine, by uid, fed with every change of a Pod. */
export interface PodTable {
  readonly lives: ReadonlyMap<string, PodLife>
  onPod(object: KubeObject, gone: boolean): void
  /** Ends what an earlier Pulse left behind and no Pod names; to be called when all Pods have been told. */
  endOrphans(): Promise<void>
  /** From now on no pod is begun. */
  close(): void
}

export function createPodTable(context: RunnerContext): PodTable {
  const { log, nodeName } = context
  const journals = new Map(
    readJournals(context.podsFolder).map((journal) => [journal.uid, journal]),
  )
  const lives = new Map<string, PodLife>()
  const uids = new Map<string, string>()
  let isClosed = false
  for (const { address } of journals.values()) context.addresses.claim(address)
  const admitted = context.firewall.admit(...[...journals.values()].flatMap(tenantsOf))

  function onPod(object: KubeObject, gone: boolean) {
    const { name, namespace = '' } = object.metadata
    const place = `${namespace}/${name}`
    const before = uids.get(place)
    if (gone) {
      uids.delete(place)
      if (before !== undefined) lives.get(before)?.vanish()
      return
    }
    const pod = parsePod(object)
    if (pod.nodeName !== undefined && pod.nodeName !== nodeName) return
    // The name was given anew while nobody looked: the old one must go.
    if (before !== undefined && before !== pod.uid) lives.get(before)?.vanish()
    uids.set(place, pod.uid)
    const life = lives.get(pod.uid)
    if (life) life.update(pod)
    else if (!isClosed) begin(object)
  }

  function begin(object: KubeObject) {
    const pod = parsePod(object)
    const journal = journals.get(pod.uid)
    journals.delete(pod.uid)
    const life = createPodLife(context, pod, journal)
    lives.set(pod.uid, life)
    life.done
      .catch((error) => log.error({ err: error, pod: pod.name }, 'pod given up'))
      .finally(() => lives.delete(pod.uid))
  }

  async function endOrphans() {
    await admitted.catch((error) => log.error({ err: error }, 'adopted pods are not firewalled'))
    const orphans = [...journals.values()]
    journals.clear()
    for (const journal of orphans) {
      if (!(await endOrphan(context, journal))) continue
      await context.firewall.dismiss(journal.address)
      context.addresses.release(journal.address)
    }
  }

  return {
    lives,
    onPod,
    endOrphans,
    close() {
      isClosed = true
    },
  }
}

function tenantsOf({ address, containers }: PodJournal): Tenant[] {
  return Object.values(containers).flatMap(({ run }) =>
    run?.user === undefined ? [] : [{ user: run.user, address }],
  )
}
