import type { KubeObject, OdooMajor } from '@pulse/api'
import { contentHash } from './content-hash.ts'
import { terminationGraceSeconds } from './fixed-names.ts'
import type { Labels } from './labels.ts'
import type { Place } from './make-secret.ts'
import { makeOdooContainer, type OdooContainer, odooVolumes } from './odoo-container.ts'

export interface Worker extends Place, OdooContainer {
  readonly selector: Labels
  /** Of the pods; a change restarts them. */
  readonly podLabels: Labels
  readonly conf: string
  /** Prefers nodes labelled for this tier. */
  readonly preferredTier?: string
}

/**
 * Odoo. `spec.replicas` is never set: of an instance the gateway is its only writer, of a pool the autoscaler.
 */
export function makeWorker(worker: Worker): KubeObject {
  const { name, namespace, labels, selector, podLabels, conf, major, parameters } = worker
  const runtime = parameters.runtimes?.[major]
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      selector: { matchLabels: selector },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      revisionHistoryLimit: 2,
      progressDeadlineSeconds: 600,
      template: {
        metadata: {
          labels: podLabels,
          annotations: {
            'planapulse.com/config-hash': contentHash(conf),
            ...(runtime === undefined ? {} : { 'planapulse.com/runtime': runtime }),
          },
        },
        spec: podSpec(worker),
      },
    },
  }
}

/** The users of the published images, as the platform's documents have them. */
const imageUsers: Readonly<Record<OdooMajor, number>> = { '17': 101, '18': 100, '19': 100 }

function podSpec(worker: Worker) {
  const { major, preferredTier, parameters } = worker
  const user = imageUsers[major]
  const inCluster = parameters.platform === 'kubernetes'
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: terminationGraceSeconds,
    // One machine gives each namespace a user of its own; an image brings its user along.
    securityContext: {
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
      ...(inCluster ? { runAsUser: user, fsGroup: user } : {}),
    },
    ...(preferredTier === undefined ? {} : { affinity: preferNodesOf(preferredTier) }),
    containers: [makeOdooContainer(worker)],
    volumes: odooVolumes(worker),
  }
}

function preferNodesOf(tier: string) {
  const matchExpressions = [{ key: 'planapulse.com/tier', operator: 'In', values: [tier] }]
  return {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 100, preference: { matchExpressions } },
      ],
    },
  }
}
