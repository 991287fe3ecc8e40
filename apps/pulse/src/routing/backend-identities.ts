import { Buffer } from 'node:buffer'
import { createHmac } from 'node:crypto'
import { backendSecret, type KubeObject, type Log, recordOf } from '@pulse/api'

/** What the backends of each namespace are shown, so that they believe that they are meant. */
export interface BackendIdentities {
  /** The value of `X-Pulse-Backend`; `unknown` until the key has been read, undefined where there is none. */
  of(namespace: string, backendId: string): string | 'unknown' | undefined
  /** The key may have changed: it is read again. */
  forget(namespace: string): void
}

export interface BackendIdentitiesOptions {
  readonly readSecret: (namespace: string, name: string) => Promise<KubeObject | undefined>
  /** A key that was not known is known now. */
  readonly onKnown: (namespace: string) => void
  readonly log: Log
}

/** More processes than one namespace ever has at a time; those before them are forgotten. */
const identitiesMax = 100
const retryMs = 500

export function createBackendIdentities(options: BackendIdentitiesOptions): BackendIdentities {
  const { readSecret, onKnown, log } = options
  const keys = new Map<string, { key: Buffer | undefined; made: Map<string, string> }>()
  const reading = new Set<string>()

  async function read(namespace: string) {
    if (reading.has(namespace)) return
    reading.add(namespace)
    try {
      const secret = await readSecret(namespace, backendSecret.name)
      keys.set(namespace, { key: keyIn(secret), made: new Map() })
      reading.delete(namespace)
      onKnown(namespace)
    } catch (error) {
      log.warn({ err: error, namespace }, 'the key of its backends cannot be read')
      setTimeout(() => {
        reading.delete(namespace)
        onKnown(namespace)
      }, retryMs).unref()
    }
  }

  return {
    of(namespace, backendId) {
      const known = keys.get(namespace)
      if (known === undefined) {
        void read(namespace)
        return 'unknown'
      }
      const { key, made } = known
      if (key === undefined) return undefined
      if (made.size > identitiesMax) made.clear()
      const identity = made.get(backendId) ?? identityOf(backendId, key)
      made.set(backendId, identity)
      return identity
    },
    forget: (namespace) => void keys.delete(namespace),
  }
}

function keyIn(secret: KubeObject | undefined): Buffer | undefined {
  const text = recordOf(secret?.data)[backendSecret.key]
  if (typeof text !== 'string' || text === '') return undefined
  return Buffer.from(Buffer.from(text, 'base64').toString('latin1').trim(), 'hex')
}

/** `{id}.{HMAC-SHA256 of the id}`, as `plana_gateway` compares it. */
function identityOf(backendId: string, key: Buffer): string {
  return `${backendId}.${createHmac('sha256', key).update(backendId).digest('hex')}`
}
