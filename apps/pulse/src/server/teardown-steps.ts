import { type KubeObject, type ObjectRef, refOf, type TenantEnvironment } from '@pulse/api'
import { makeDropJob, type Parameters, protectFinalizer } from '@pulse/compositions'
import type { TeardownStep } from '@pulse/engine'

type Observed = Readonly<Record<string, KubeObject>>

/** How a customer goes: its environments first, so that its names are free only when nothing of it is left. */
export function clientTeardown(client: KubeObject): readonly TeardownStep[] {
  return [
    {
      name: 'environments',
      type: 'remove-all',
      of: { apiVersion: client.apiVersion, kind: 'TenantEnvironment' },
      where: (object) => clientOf(object) === client.metadata.name,
    },
  ]
}

/**
 * How an environment goes (design, "Deletion"): first nobody reaches it, then nothing runs, then the data goes under its
 * tombstone, and only then may the objects that held it go.
 */
export function environmentTeardown(
  environment: TenantEnvironment,
  observed: Observed,
  parameters: Parameters,
): readonly TeardownStep[] {
  const refs = (keep: (object: KubeObject) => boolean): ObjectRef[] =>
    Object.values(observed).filter(keep).map(refOf)
  const namespaces = refs(({ kind }) => kind === 'Namespace')
  const isInside = ({ namespace }: ObjectRef) => namespaces.some(({ name }) => name === namespace)
  const rest = refs(({ kind }) => kind !== 'Namespace').filter((ref) => !isInside(ref))
  return [
    { name: 'routes', type: 'remove', objects: refs(isKind('HTTPRoute')), foreground: false },
    // A claim still under way would make what is about to be dropped.
    {
      name: 'workers',
      type: 'remove',
      objects: refs(isKind('Deployment', 'Job')),
      foreground: true,
    },
    { name: 'data', type: 'task', job: (attempt) => makeDropJob(environment, attempt, parameters) },
    {
      name: 'release',
      type: 'release',
      objects: refs(({ metadata }) => metadata.finalizers?.includes(protectFinalizer) === true),
      finalizer: protectFinalizer,
    },
    { name: 'objects', type: 'remove', objects: [...rest, ...namespaces], foreground: true },
  ]
}

function isKind(...kinds: readonly string[]): (object: KubeObject) => boolean {
  return ({ kind }) => kinds.includes(kind)
}

function clientOf({ spec }: KubeObject): unknown {
  return typeof spec === 'object' && spec !== null && 'client' in spec ? spec.client : undefined
}
