import { forkedCondition } from './forked-condition.ts'
import type { Pod } from './kinds.ts'

export interface PodFacts {
  readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed'
  readonly ready?: boolean
  readonly deleting?: boolean
  readonly message?: string
  readonly exitCode?: number
  readonly at?: string
  readonly ip?: string
  readonly forked?: boolean
  readonly labels?: Readonly<Record<string, string>>
}

/** A pod as the pod runner would report it. */
export function makePod(name: string, facts: PodFacts = {}): Pod {
  const { phase = 'Running', ready = false, deleting, at = '2026-01-01T00:00:00Z', ip } = facts
  const hasEnded = phase === 'Failed' || phase === 'Succeeded'
  const terminated = {
    exitCode: phase === 'Failed' ? (facts.exitCode ?? 1) : 0,
    reason: phase === 'Failed' ? 'Error' : 'Completed',
    finishedAt: at,
    ...(facts.message !== undefined && { message: facts.message }),
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'acme',
      uid: `uid-${name}`,
      creationTimestamp: at,
      labels: facts.labels ?? {},
      ...(deleting && { deletionTimestamp: at }),
    },
    spec: { containers: [{ name: 'main', ports: [{ name: 'http', containerPort: 8069 }] }] },
    status: {
      phase,
      ...(ip !== undefined && { podIP: ip }),
      conditions: [
        {
          type: 'Ready',
          status: ready ? 'True' : 'False',
          reason: 'Probe',
          lastTransitionTime: at,
        },
        ...(facts.forked ? [forkedCondition] : []),
      ],
      ...(hasEnded && { containerStatuses: [{ name: 'main', state: { terminated } }] }),
    },
  }
}
