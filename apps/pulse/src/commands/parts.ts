import { apiVersion, isRecord, type KubeObject, valueAt } from '@pulse/api'
import type { Cluster } from './context.ts'

interface PartKind {
  readonly apiVersion: string
  readonly kind: string
  /** Labels of the parts of one owner; undefined when there can be none. */
  labelsOf(owner: KubeObject): string | undefined
}

/** A description is read by people: more parts than these would only hide what matters. */
const mostParts = 50

/** What a resource is made of, down to its pods: what is told of these is part of its story. */
export async function partsOf(
  cluster: Pick<Cluster, 'list'>,
  object: KubeObject,
): Promise<readonly KubeObject[]> {
  const parts: KubeObject[] = []
  let owners: readonly KubeObject[] = [object]
  while (owners.length > 0 && parts.length < mostParts) {
    const below = await Promise.all(owners.map((owner) => ownedBy(cluster, owner)))
    owners = below.flat().slice(0, mostParts - parts.length)
    parts.push(...owners)
  }
  return parts
}

const byComposite = ({ metadata }: KubeObject) =>
  metadata.name.length > 63 ? undefined : `crossplane.io/composite=${metadata.name}`
const byJob = ({ metadata }: KubeObject) => `batch.kubernetes.io/controller-uid=${metadata.uid}`

/** As its own selector names them. */
const bySelector = ({ spec }: KubeObject) => {
  const labels = valueAt(spec, 'selector.matchLabels')
  if (!isRecord(labels)) return undefined
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}

const partKinds: Readonly<Record<string, readonly PartKind[]>> = {
  PLANAClient: [{ apiVersion, kind: 'TenantEnvironment', labelsOf: byComposite }],
  TenantEnvironment: [
    { apiVersion: 'batch/v1', kind: 'Job', labelsOf: byComposite },
    { apiVersion: 'apps/v1', kind: 'Deployment', labelsOf: byComposite },
  ],
  TemplateSnapshot: [{ apiVersion: 'batch/v1', kind: 'Job', labelsOf: byComposite }],
  Job: [{ apiVersion: 'v1', kind: 'Pod', labelsOf: byJob }],
  Deployment: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', labelsOf: bySelector }],
  ReplicaSet: [{ apiVersion: 'v1', kind: 'Pod', labelsOf: bySelector }],
}

async function ownedBy(
  cluster: Pick<Cluster, 'list'>,
  owner: KubeObject,
): Promise<readonly KubeObject[]> {
  const { namespace, uid } = owner.metadata
  const lists = (partKinds[owner.kind] ?? []).map(async ({ labelsOf, ...kind }) => {
    const labelSelector = labelsOf(owner)
    if (labelSelector === undefined) return []
    const query = { ...kind, labelSelector, limit: 500, ...(namespace && { namespace }) }
    return (await cluster.list(query)).items
  })
  return (await Promise.all(lists))
    .flat()
    .filter(({ metadata }) => metadata.ownerReferences?.some((reference) => reference.uid === uid))
}
