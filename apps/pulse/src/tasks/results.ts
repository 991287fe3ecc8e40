import { StatusError } from '@pulse/api'
import type { Objects } from '@pulse/engine'

/** A Secret or ConfigMap that a task fills. */
interface Target {
  readonly namespace: string
  readonly name: string
}

type Values = Readonly<Record<string, string>>

/**
 * The one way in which a task gives results: server-side apply into objects that its composition has made. They are
 * never made here: a task may outlive its environment, and what it made then would be nobody's.
 */
export function createResults(objects: Pick<Objects, 'get' | 'apply'>) {
  async function write(kind: 'Secret' | 'ConfigMap', { namespace, name }: Target, data: Values) {
    const ref = { apiVersion: 'v1', kind, namespace, name }
    const uid = (await objects.get(ref))?.metadata.uid
    if (uid === undefined) {
      throw new StatusError('NotFound', `${kind} ${namespace}/${name} is not there to be filled`)
    }
    // With the uid, so that neither a missing object nor another one of this name is written.
    await objects.apply(
      { apiVersion: 'v1', kind, metadata: { namespace, name, uid }, data },
      { fieldManager: 'pulse-task', force: true },
    )
  }

  return {
    async applySecret(target: Target, values: Values): Promise<void> {
      const encoded = Object.entries(values).map(([key, value]) => [
        key,
        Buffer.from(value).toString('base64'),
      ])
      await write('Secret', target, Object.fromEntries(encoded))
    },
    async applyConfigMap(target: Target, values: Values): Promise<void> {
      await write('ConfigMap', target, values)
    },
    /** Decoded values; undefined when the Secret is missing or still empty. */
    async getSecret({ namespace, name }: Target): Promise<Values | undefined> {
      const secret = await objects.get({ apiVersion: 'v1', kind: 'Secret', namespace, name })
      if (typeof secret?.data !== 'object' || secret.data === null) return undefined
      const entries = Object.entries(secret.data)
      if (entries.length === 0) return undefined
      return Object.fromEntries(
        entries.map(([key, value]) => [key, Buffer.from(String(value), 'base64').toString()]),
      )
    },
  }
}
