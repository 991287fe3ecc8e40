import { apiVersion, type KubeObject } from '@pulse/api'

/** Tells when what stands behind an environment's name is another one than before, or none. */
export interface OwnDatabases {
  /** Whether what is kept of it must be forgotten. */
  isAnother(object: KubeObject, gone: boolean): boolean
}

export function createOwnDatabases(): OwnDatabases {
  const uids = new Map<string, string | undefined>()
  return {
    isAnother({ apiVersion: version, kind, metadata: { name, uid } }, gone) {
      if (kind !== 'TenantEnvironment' || version !== apiVersion) return false
      const isKnown = uids.has(name)
      const before = uids.get(name)
      if (gone) uids.delete(name)
      else uids.set(name, uid)
      return gone || (isKnown && before !== uid)
    },
  }
}
