import type { KubeObject } from '@pulse/api'

/** Whom an object belongs to. */
export function ownerUids({ metadata }: KubeObject): readonly string[] {
  return (metadata.ownerReferences ?? []).map(({ uid }) => uid)
}
