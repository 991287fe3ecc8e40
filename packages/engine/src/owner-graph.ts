import { type KubeObject, keyOf, type ObjectRef, type OwnerReference, refOf } from '@pulse/api'
import { foregroundFinalizer, orphanFinalizer } from './store/deletion.ts'
import { sameJson } from './store/json.ts'

/** What the collector remembers of an object: whose it is and how it is being deleted, not what it says. */
export interface OwnedNode {
  readonly uid: string
  readonly ref: ObjectRef
  readonly owners: readonly OwnerReference[]
  /** Set once it is marked for deletion under a policy that concerns its dependents. */
  readonly ending: 'foreground' | 'orphan' | undefined
}

export interface OwnerGraph {
  /** The uids that now deserve a look. */
  put(object: KubeObject): readonly string[]
  remove(ref: ObjectRef): readonly string[]
  node(uid: string): OwnedNode | undefined
  dependentsOf(uid: string): readonly OwnedNode[]
  /** Everything that is not plainly in order; asked once, when all kinds are known. */
  doubtful(): readonly string[]
}

/** Who owns whom, by uid. An object that changes in nothing of this costs no look. */
export function createOwnerGraph(): OwnerGraph {
  const nodes = new Map<string, OwnedNode>()
  const uids = new Map<string, string>()
  const dependents = new Map<string, Set<string>>()

  function link({ uid, owners }: OwnedNode) {
    for (const owner of owners) {
      const siblings = dependents.get(owner.uid) ?? new Set()
      dependents.set(owner.uid, siblings.add(uid))
    }
  }

  function unlink({ uid, owners }: OwnedNode) {
    for (const owner of owners) {
      const siblings = dependents.get(owner.uid)
      siblings?.delete(uid)
      if (siblings?.size === 0) dependents.delete(owner.uid)
    }
  }

  function drop(uid: string): readonly string[] {
    const node = nodes.get(uid)
    if (node === undefined) return []
    nodes.delete(uid)
    uids.delete(keyOf(node.ref))
    unlink(node)
    // Dependents lose an owner; an owner that waits in the foreground may have lost its last dependent.
    return [...(dependents.get(uid) ?? []), ...node.owners.map((owner) => owner.uid)]
  }

  const isDoubtful = (node: OwnedNode) =>
    node.ending !== undefined ||
    node.owners.some(({ uid, apiVersion, kind, name }) => {
      const owner = nodes.get(uid)
      if (owner === undefined || owner.ending === 'foreground') return true
      const { ref } = owner
      const isElsewhere = ref.namespace !== undefined && ref.namespace !== node.ref.namespace
      return isElsewhere || ref.apiVersion !== apiVersion || ref.kind !== kind || ref.name !== name
    })

  return {
    put(object) {
      const node = nodeOf(object)
      const successor = uids.get(keyOf(node.ref))
      const looks = successor !== undefined && successor !== node.uid ? drop(successor) : []
      const before = nodes.get(node.uid)
      if (before !== undefined) unlink(before)
      nodes.set(node.uid, node)
      uids.set(keyOf(node.ref), node.uid)
      link(node)
      const owners =
        before === undefined || sameJson(before.owners, node.owners) ? [] : before.owners
      const formerOwners = owners.map((owner) => owner.uid)
      return [...looks, ...(isDoubtful(node) ? [node.uid] : []), ...formerOwners]
    },
    remove: (ref) => drop(uids.get(keyOf(ref)) ?? ''),
    node: (uid) => nodes.get(uid),
    dependentsOf: (uid) =>
      [...(dependents.get(uid) ?? [])].flatMap((dependent) => nodes.get(dependent) ?? []),
    doubtful: () => [...nodes.values()].filter(isDoubtful).map(({ uid }) => uid),
  }
}

function nodeOf(object: KubeObject): OwnedNode {
  const { uid = '', ownerReferences = [], finalizers = [], deletionTimestamp } = object.metadata
  const isMarked = deletionTimestamp !== undefined
  const ending = finalizers.includes(foregroundFinalizer) ? 'foreground' : 'orphan'
  const hasPolicy = finalizers.includes(foregroundFinalizer) || finalizers.includes(orphanFinalizer)
  return {
    uid,
    ref: refOf(object),
    owners: ownerReferences,
    ending: isMarked && hasPolicy ? ending : undefined,
  }
}
