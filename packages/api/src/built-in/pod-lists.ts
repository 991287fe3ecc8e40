import type { ListType } from '../kind.ts'

const containerKinds = ['containers', 'initContainers', 'ephemeralContainers'] as const

/**
 * How the lists of a pod's spec are merged; `prefix` is where the spec is. Source: the `+patchMergeKey`,
 * `+listType` and `+listMapKey` markers of k8s.io/api `core/v1/types.go`. What is not named is atomic.
 */
export function podSpecLists(prefix: string): Readonly<Record<string, ListType>> {
  const containers = containerKinds.flatMap((name) => containerLists(`${prefix}.${name}`))
  return Object.fromEntries([
    ...containers,
    [`${prefix}.volumes`, byKey('name')],
    [`${prefix}.imagePullSecrets`, byKey('name')],
    [`${prefix}.hostAliases`, byKey('ip')],
    [`${prefix}.schedulingGates`, byKey('name')],
    [`${prefix}.resourceClaims`, byKey('name')],
    [
      `${prefix}.topologySpreadConstraints`,
      { type: 'map', keys: ['topologyKey', 'whenUnsatisfiable'], patchKey: 'topologyKey' },
    ],
  ])
}

function containerLists(path: string): [string, ListType][] {
  return [
    [path, byKey('name')],
    [`${path}.env`, byKey('name')],
    [`${path}.volumeMounts`, byKey('mountPath')],
    [`${path}.volumeDevices`, byKey('devicePath')],
    [`${path}.resources.claims`, byKey('name')],
    [
      `${path}.ports`,
      { type: 'map', keys: ['containerPort', 'protocol'], patchKey: 'containerPort' },
    ],
  ]
}

/** One key for server-side apply and strategic merge alike. */
export function byKey(key: string): ListType {
  return { type: 'map', keys: [key], patchKey: key }
}
