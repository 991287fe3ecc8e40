import { ConfigError } from './config-error.ts'
import { expand } from './expand.ts'
import type { Container, EnvEntry, Pod } from './pod.ts'
import { mustParseQuantity } from './quantity.ts'
import { contentOrNothing, type Sources } from './sources.ts'

export interface EnvironmentInput {
  readonly pod: Pod
  readonly container: Container
  readonly sources: Sources
  readonly podIP: string
  /** What stands in for an absent limit, as on a node. */
  readonly capacity: { readonly cpus: number; readonly memoryBytes: number }
  /** What the image and the user bring; the container's own entries win. */
  readonly base: Readonly<Record<string, string>>
  /** Wins over everything: where a mount really lies (`PULSE_MOUNT_*`). */
  readonly overrides: Readonly<Record<string, string>>
}

export interface Environment {
  readonly variables: ReadonlyMap<string, string>
  /** Names that no shell can carry; left out, as kubelet does, and told in an Event. */
  readonly invalidNames: readonly string[]
}

const validName = /^[A-Za-z_][A-Za-z0-9_]*$/

/** The whole environment of a container: nothing of Pulse's own is inherited. */
export function makeEnvironment(input: EnvironmentInput): Environment {
  const { container, overrides, sources } = input
  const variables = new Map(Object.entries(input.base))
  for (const source of container.envFrom) {
    const content = contentOrNothing(sources, source)
    for (const [key, value] of content ?? []) variables.set(`${source.prefix}${key}`, String(value))
  }
  for (const entry of container.env) {
    const value = entryValue(entry, input, variables)
    if (value !== undefined) variables.set(entry.name, overrides[entry.name] ?? value)
  }
  for (const [name, value] of Object.entries(overrides)) variables.set(name, value)
  const invalidNames = [...variables.keys()].filter((name) => !validName.test(name))
  for (const name of invalidNames) variables.delete(name)
  return { variables, invalidNames }
}

function entryValue(
  entry: EnvEntry,
  input: EnvironmentInput,
  earlier: ReadonlyMap<string, string>,
): string | undefined {
  if ('value' in entry) return expand(entry.value, earlier)
  if ('fieldPath' in entry) return fieldOf(entry.fieldPath, input)
  if ('resource' in entry) return resourceOf(entry.resource, entry.containerName, input)
  const [kind, reference] =
    'secret' in entry
      ? (['Secret', entry.secret] as const)
      : (['ConfigMap', entry.configMap] as const)
  const content = contentOrNothing(input.sources, { kind, ...reference })
  const value = content?.get(reference.key)
  if (value !== undefined) return String(value)
  if (reference.optional) return undefined
  const where = `${kind} ${input.pod.namespace}/${reference.name}`
  throw new ConfigError(`couldn't find key ${reference.key} in ${where}`)
}

function fieldOf(path: string, { pod, podIP }: EnvironmentInput): string {
  const entry = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path)
  if (entry) return (entry[1] === 'labels' ? pod.labels : pod.annotations)[entry[2] ?? ''] ?? ''
  const fields: Readonly<Record<string, string>> = {
    'metadata.name': pod.name,
    'metadata.namespace': pod.namespace,
    'metadata.uid': pod.uid,
    'spec.nodeName': pod.nodeName ?? '',
    'spec.serviceAccountName': pod.serviceAccountName,
    'status.podIP': podIP,
    'status.podIPs': podIP,
    'status.hostIP': '127.0.0.1',
  }
  const value = fields[path]
  if (value === undefined) throw new ConfigError(`unsupported fieldRef ${path}`)
  return value
}

/** CPU in whole cores rounded up, memory in bytes: what `divisor: 1` gives. */
function resourceOf(
  resource: string,
  containerName: string | undefined,
  { pod, container, capacity }: EnvironmentInput,
): string {
  const [kind, name] = resource.split('.')
  const of = containerName
    ? [...pod.containers, ...pod.initContainers].find((other) => other.name === containerName)
    : container
  const amount = (kind === 'limits' ? of?.limits : of?.requests)?.[name ?? '']
  if (amount !== undefined) return String(Math.ceil(mustParseQuantity(amount)))
  if (name === 'cpu') return String(capacity.cpus)
  if (name === 'memory') return String(capacity.memoryBytes)
  throw new ConfigError(`unsupported resourceFieldRef ${resource}`)
}
