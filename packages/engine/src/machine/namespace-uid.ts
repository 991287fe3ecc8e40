import { createHash } from 'node:crypto'
import type { KubeObject } from '@pulse/api'

/** The numeric user of all pods in a namespace, as OpenShift's uid-range. */
export const uidAnnotation = 'planapulse.com/uid'

export interface UidRange {
  readonly first: number
  readonly count: number
}

export interface UidWorld {
  /** Other namespaces that say they have the same uid. */
  readonly rivals: readonly KubeObject[]
  /** Whether any namespace has it. */
  readonly isTaken: (uid: number) => boolean
  readonly range: UidRange
}

/**
 * The uid of a namespace: the one it has, if it lies in the range and nobody older has it, else the first free one from
 * where its own identity points: a uid that has just become free is hardly ever the next to be given, since its last
 * user may have left files in folders that all share, such as `/tmp`.
 */
export function planUid(namespace: KubeObject, { rivals, isTaken, range }: UidWorld): number {
  const { first, count } = range
  const own = uidOf(namespace)
  const isInRange = own !== undefined && own >= first && own < first + count
  if (isInRange && !rivals.some((other) => isOlder(other, namespace))) return own

  const start = createHash('sha256')
    .update(namespace.metadata.uid ?? '')
    .digest()
    .readUInt32BE()
  for (let index = 0; index < count; index += 1) {
    const uid = first + ((start + index) % count)
    if (!isTaken(uid)) return uid
  }
  throw new Error(`all ${count} uids of the range are taken`)
}

/** Decimal digits only: `0x10` or an empty text is nobody's uid. */
export function uidOf({ metadata }: KubeObject): number | undefined {
  const text = metadata.annotations?.[uidAnnotation] ?? ''
  return /^[0-9]{1,10}$/.test(text) ? Number(text) : undefined
}

function isOlder(one: KubeObject, other: KubeObject): boolean {
  const age = ({ metadata }: KubeObject) =>
    `${metadata.creationTimestamp ?? ''} ${metadata.uid ?? ''}`
  return age(one) < age(other)
}
