import { randomUUID } from 'node:crypto'
import { createKinds, parseDomains } from '@pulse/api'
import { createMemoryObjects, type Objects } from '@pulse/engine'

/** As it is reached over the API. */
export async function openLeaseStore(namespace: string): Promise<Objects> {
  const domains = parseDomains({ tenant: 'localhost', dev: 'localhost' })
  const { findKind } = await createKinds({ domains })
  const { cached: _, ...objects } = createMemoryObjects({
    kinds: findKind,
    now: () => new Date(),
    newUid: randomUUID,
  })
  await objects.create(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { fieldManager: 'test' },
  )
  return objects
}

/** A store that one candidate cannot reach any more from when it is cut off. */
export function severable(objects: Objects) {
  let isCutOff = false
  const reached = async <T>(ask: () => Promise<T>): Promise<T> => {
    if (isCutOff) throw new Error('the store is away')
    return await ask()
  }
  return {
    objects: {
      get: (ref) => reached(() => objects.get(ref)),
      create: (object, options) => reached(() => objects.create(object, options)),
      update: (object, options) => reached(() => objects.update(object, options)),
    } satisfies Pick<Objects, 'get' | 'create' | 'update'>,
    cutOff() {
      isCutOff = true
    },
  }
}
