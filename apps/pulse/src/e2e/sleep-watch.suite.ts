import type { ObjectsClient } from '@pulse/engine'
import type { LifeRecord } from '@pulse/gateway'
import { readLifeRecord } from '../routing/life-record.ts'

/** A sleep as the store saw it. */
export interface SeenSleep {
  readonly namespace: string
  readonly generation: number
  /** Gateways that ran at the decision of the sleep before it, at its proposal and at its own decision. */
  readonly witnesses: readonly string[]
  /** Those of them that had not given their word. */
  readonly unheard: readonly string[]
}

export interface SleepWatch {
  readonly sleeps: readonly SeenSleep[]
  /** Gateways that run, by name; whoever starts, stops or kills one says so here. */
  readonly living: Set<string>
  readonly ended: Promise<void>
}

/**
 * Sees every sleep of the workers of these namespaces, from now until the signal. Of one that starts or goes on the
 * other gateways learn by their watches, and may propose and decide a sleep before they do: whoever is new is no witness
 * until a whole life after that.
 */
export function watchSleeps(
  objects: ObjectsClient,
  namespaces: readonly string[],
  signal: AbortSignal,
): SleepWatch {
  const living = new Set<string>()
  const sleeps: SeenSleep[] = []
  const ended = namespaces.map(async (namespace) => {
    let proposal: Proposal | undefined
    let before: LifeRecord | undefined
    let known: ReadonlySet<string> = new Set()
    const query = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, signal }
    for await (const { object } of objects.watch(query)) {
      const record = readLifeRecord(object)
      if (record.state === 'draining') proposal = heard(proposal, record, living)
      const isDecided = record.state === 'down' && before?.state !== 'down'
      if (isDecided && before !== undefined) {
        const atProposal = [...(proposal?.witnesses ?? living)]
        const witnesses = atProposal.filter((name) => known.has(name) && living.has(name))
        const words = proposal?.words ?? []
        const unheard = witnesses.filter((name) => !words.includes(name))
        sleeps.push({ namespace, generation: record.generation, witnesses, unheard })
        known = new Set(living)
      }
      if (record.state !== 'draining') proposal = undefined
      before = record
    }
  })
  return { sleeps, living, ended: Promise.all(ended).then(() => undefined) }
}

interface Proposal {
  readonly witnesses: readonly string[]
  readonly words: readonly string[]
}

function heard(proposal: Proposal | undefined, { words }: LifeRecord, living: Set<string>) {
  return { witnesses: proposal?.witnesses ?? [...living], words }
}
