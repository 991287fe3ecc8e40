import { type KubeObject, keyOf, refOf } from '@pulse/api'

/**
 * What a controller has written in a pass that had seen all the rest of it. The watch tells it back, and another pass
 * for its sake would find nothing to do.
 */
export interface Echoes {
  note(written: KubeObject): void
  /** Whether the change is that very write. An object that is gone is forgotten. */
  isEcho(object: KubeObject, gone: boolean): boolean
}

export function createEchoes(): Echoes {
  const versions = new Map<string, string>()
  return {
    note(written) {
      const { resourceVersion } = written.metadata
      if (resourceVersion !== undefined) versions.set(keyOf(refOf(written)), resourceVersion)
    },
    isEcho(object, gone) {
      const key = keyOf(refOf(object))
      const isOwn = !gone && versions.get(key) === object.metadata.resourceVersion
      if (gone || isOwn) versions.delete(key)
      return isOwn
    },
  }
}
