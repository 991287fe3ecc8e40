import { type KubeObject, keyOf, type ObjectRef, refOf } from '@pulse/api'

/** Changes of the objects that a controller serves: each brings a pass, but for what the last one has written itself. */
export interface OwnChanges {
  note(object: KubeObject, gone: boolean): void
  /** Runs a pass. Only when it has ended can be told which of the changes meanwhile it has made. */
  during<T>(key: string, pass: () => Promise<T>): Promise<T>
}

export function createOwnChanges(options: {
  readonly isEcho: (object: KubeObject, gone: boolean) => boolean
  readonly add: (ref: ObjectRef) => void
}): OwnChanges {
  const meanwhile = new Map<string, { readonly object: KubeObject; readonly gone: boolean }[]>()

  function note(object: KubeObject, gone: boolean) {
    const waiting = meanwhile.get(keyOf(refOf(object)))
    if (waiting) waiting.push({ object, gone })
    else if (!options.isEcho(object, gone)) options.add(refOf(object))
  }

  return {
    note,
    async during(key, pass) {
      meanwhile.set(key, [])
      try {
        return await pass()
      } finally {
        const changes = meanwhile.get(key) ?? []
        meanwhile.delete(key)
        for (const { object, gone } of changes) note(object, gone)
      }
    },
  }
}
