import { randomUUID } from 'node:crypto'
import type { KubeObject } from '@pulse/api'
import { uidAnnotation } from '@pulse/engine'
import { fingerprint } from '../../../packages/engine/src/fingerprint.ts'
import type { StoredObject } from './make-tenant.ts'

/** As long as the labels that come to stand for it, and in no other word. */
export const seedLabel = 'tenant-zqxjk'

export function labelAt(index: number): string {
  return `tenant-${String(index).padStart(5, '0')}`
}

/**
 * Another tenant with all that the seed has: its label in the place of the seed's, identities of its own, and what
 * is made of those. So each controller finds it as it would have left it.
 */
export function tenantLike(
  seed: readonly StoredObject[],
  { index, osUid }: { readonly index: number; readonly osUid?: number | undefined },
): readonly StoredObject[] {
  const uids = new Map(seed.map(({ object }) => [object.metadata.uid ?? '', randomUUID()]))
  const text = JSON.stringify(seed)
    .replaceAll(seedLabel, labelAt(index))
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (uid) => uids.get(uid) ?? uid)
    .replace(new RegExp(`("${uidAnnotation}":")[0-9]+`), `$1${osUid}`)
  const tenant: readonly StoredObject[] = JSON.parse(text)
  return tenant.map(({ object, names }) => ({ object: withOwnName(object), names }))
}

/** The one name that tells its owner's identity. */
function withOwnName(object: KubeObject): KubeObject {
  const { kind, metadata, ports } = object
  if (kind !== 'EndpointSlice') return object
  const uid = metadata.ownerReferences?.[0]?.uid
  const name = metadata.name.replace(/[0-9a-f]{10}$/, fingerprint({ uid, ports }).slice(0, 10))
  return { ...object, metadata: { ...metadata, name } }
}
