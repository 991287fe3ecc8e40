import { Buffer } from 'node:buffer'
import type { KubeObject, ObjectRef } from '@pulse/api'
import { ConfigError } from './config-error.ts'
import { textMapOf } from './fields.ts'
import type { Container, EnvEntry, Pod, Volume } from './pod.ts'

export type SourceKind = 'Secret' | 'ConfigMap'

/** Keys and values of the Secrets and ConfigMaps that a container names, read at one moment. */
export interface Sources {
  find(kind: SourceKind, name: string): ReadonlyMap<string, Buffer> | undefined
}

/** The Secrets and ConfigMaps whose content the container is started with. */
export function sourcesOf(pod: Pod, container: Container): ObjectRef[] {
  const mounted = new Set(container.mounts.map(({ name }) => name))
  const wanted: Source[] = [
    ...container.envFrom,
    ...container.env.flatMap(sourceOfEntry),
    ...pod.volumes.filter(({ name }) => mounted.has(name)).flatMap(sourceOfVolume),
  ]
  const unique = new Map(wanted.map((source) => [`${source.kind}/${source.name}`, source]))
  return [...unique.values()].map(({ kind, name }) => ({
    apiVersion: 'v1',
    kind,
    namespace: pod.namespace,
    name,
  }))
}

interface Source {
  readonly kind: SourceKind
  readonly name: string
}

function sourceOfEntry(entry: EnvEntry): Source[] {
  if ('secret' in entry) return [{ kind: 'Secret', name: entry.secret.name }]
  return 'configMap' in entry ? [{ kind: 'ConfigMap', name: entry.configMap.name }] : []
}

function sourceOfVolume(volume: Volume): Source[] {
  if (volume.type === 'secret') return [{ kind: 'Secret', name: volume.source }]
  return volume.type === 'configMap' ? [{ kind: 'ConfigMap', name: volume.source }] : []
}

/** Sources from the objects that were found. */
export function makeSources(objects: readonly KubeObject[]): Sources {
  const contents = new Map(
    objects.map((object) => [`${object.kind}/${object.metadata.name}`, contentOf(object)]),
  )
  return { find: (kind, name) => contents.get(`${kind}/${name}`) }
}

/** Base64 where Kubernetes has it: `Secret.data` and `ConfigMap.binaryData`. */
function contentOf(object: KubeObject): ReadonlyMap<string, Buffer> {
  const plain = textMapOf(object.kind === 'Secret' ? object.stringData : object.data)
  const encoded = textMapOf(object.kind === 'Secret' ? object.data : object.binaryData)
  return new Map([
    ...Object.entries(encoded).map(([key, value]) => [key, Buffer.from(value, 'base64')] as const),
    ...Object.entries(plain).map(([key, value]) => [key, Buffer.from(value)] as const),
  ])
}

/** The content, or nothing if it may be absent. */
export function contentOrNothing(
  sources: Sources,
  { kind, name, optional }: { kind: SourceKind; name: string; optional: boolean },
): ReadonlyMap<string, Buffer> | undefined {
  const content = sources.find(kind, name)
  if (content || optional) return content
  throw new ConfigError(`${kind.toLowerCase()} "${name}" not found`)
}
