import { fieldColumn } from '../field-column.ts'
import type { KubeObject } from '../object.ts'
import { isRecord, listAt, numberAt, recordAt, textAt } from '../record.ts'
import type { BuiltInKind } from './built-in-kind.ts'
import { specDefaults } from './pod-defaults.ts'

/** Kinds by which pods are found and reached. All their lists are atomic in the official types. */
export const networkKinds: readonly BuiltInKind[] = [
  {
    group: 'discovery.k8s.io',
    version: 'v1',
    kind: 'EndpointSlice',
    plural: 'endpointslices',
    description: 'Addresses of the pods of a Service, with their readiness.',
    columns: [
      fieldColumn({ name: 'AddressType', path: 'addressType', description: 'IPv4 or IPv6.' }),
      {
        name: 'Ports',
        type: 'string',
        description: 'Ports of every address.',
        priority: 0,
        cell: (slice) =>
          listAt(slice, 'ports')
            .map((port) => numberAt(port, 'port') ?? '*')
            .join(','),
      },
      {
        name: 'Endpoints',
        type: 'string',
        description: 'Addresses.',
        priority: 0,
        cell: (slice) =>
          listAt(slice, 'endpoints')
            .flatMap((endpoint) => listAt(endpoint, 'addresses'))
            .map(String)
            .join(','),
      },
    ],
    setDefaults: (slice) => ({ ...slice, ...portDefaults(slice) }),
  },
  {
    group: 'gateway.networking.k8s.io',
    version: 'v1',
    kind: 'HTTPRoute',
    plural: 'httproutes',
    description: 'Which hostnames go to which Service.',
    hasStatus: true,
    columns: [
      {
        name: 'Hostnames',
        type: 'string',
        description: 'Hostnames that are routed.',
        priority: 0,
        cell: (route) => JSON.stringify(listAt(route, 'spec.hostnames')),
      },
    ],
  },
  {
    group: 'networking.k8s.io',
    version: 'v1',
    kind: 'NetworkPolicy',
    plural: 'networkpolicies',
    shortNames: ['netpol'],
    description: 'Who may talk to whom.',
    columns: [
      {
        name: 'Pod-Selector',
        type: 'string',
        description: 'Pods that it is about.',
        priority: 0,
        cell: (policy) =>
          Object.entries(recordAt(policy, 'spec.podSelector.matchLabels') ?? {})
            .map(([key, value]) => `${key}=${value}`)
            .join(',') || '<none>',
      },
    ],
    setDefaults: (policy) =>
      specDefaults(policy, (spec) => ({
        policyTypes: spec.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress'],
        ...spec,
      })),
  },
  {
    group: 'autoscaling',
    version: 'v2',
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
    shortNames: ['hpa'],
    categories: ['all'],
    description: 'How many pods there are to be, by their load.',
    hasStatus: true,
    columns: [
      {
        name: 'Reference',
        type: 'string',
        description: 'What is scaled.',
        priority: 0,
        cell: scaleTarget,
      },
      fieldColumn({
        name: 'MinPods',
        path: 'spec.minReplicas',
        type: 'integer',
        description: 'At least.',
      }),
      fieldColumn({
        name: 'MaxPods',
        path: 'spec.maxReplicas',
        type: 'integer',
        description: 'At most.',
      }),
      fieldColumn({
        name: 'Replicas',
        path: 'status.currentReplicas',
        type: 'integer',
        description: 'Now.',
      }),
    ],
    setDefaults: (autoscaler) => specDefaults(autoscaler, (spec) => ({ minReplicas: 1, ...spec })),
  },
  {
    group: 'policy',
    version: 'v1',
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    shortNames: ['pdb'],
    description: 'How many pods must stay while a node is emptied.',
    hasStatus: true,
    columns: [
      fieldColumn({
        name: 'Min Available',
        path: 'spec.minAvailable',
        description: 'Pods that must stay.',
      }),
      fieldColumn({
        name: 'Max Unavailable',
        path: 'spec.maxUnavailable',
        description: 'Pods that may go.',
      }),
    ],
  },
]

/** kubectl describes no slice whose ports lack their protocol: it ends with a panic. */
function portDefaults(slice: KubeObject) {
  const ports = listAt(slice, 'ports').filter(isRecord)
  return ports.length === 0 ? {} : { ports: ports.map((port) => ({ protocol: 'TCP', ...port })) }
}

function scaleTarget(autoscaler: KubeObject): string {
  const target = recordAt(autoscaler, 'spec.scaleTargetRef')
  return `${textAt(target, 'kind') ?? ''}/${textAt(target, 'name') ?? ''}`
}
