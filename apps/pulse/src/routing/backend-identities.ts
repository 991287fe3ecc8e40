import { Buffer } from 'node:buffer'
import { createHmac } from 'node:crypto'
import { backendSecret, type KubeObject, type Log, recordOf } from '@pulse/api'
import type { Backend, Clock } from '@pulse/gateway'
import { untilSignal } from './until-signal.ts'

/** The values of `X-Pulse-Backend` that one backend believes. */
export type BackendIdentity = Required<Pick<Backend, 'identity' | 'control'>>

/** What the backends of each namespace are shown, so that they believe that they are meant. */
export interface BackendIdentities {
  /** Undefined until the key is there, and nothing is to be sent before. */
  of(namespace: string, backendId: string): BackendIdentity | undefined
  /**
   * One of them did not believe it. The key is read again, and stays as it is until another one is found: who has doubts
   * of one process takes nothing from those that serve. Doubts that follow each other share one reading a second, so
   * that a worker which believes nobody keeps the store from nothing.
   */
  doubt(namespace: string): void
  /** The namespace is gone: nothing is kept of it. */
  forget(namespace: string): void
  /** Namespaces of which a key is kept, or being read. */
  readonly size: number
}

export interface BackendIdentitiesOptions {
  readonly readSecret: (namespace: string, name: string) => Promise<KubeObject | undefined>
  /** To be asked again: the key is known now, or it is time for another try. */
  readonly onKnown: (namespace: string) => void
  readonly clock: Clock
  readonly log: Log
}

/** More processes than one namespace ever has at a time; those before them are forgotten. */
const identitiesMax = 100
const retryMs = 500
const readTimeoutMs = 10_000
/** Between the readings that doubts of one namespace begin. */
const doubtPauseMs = 1_000

export function createBackendIdentities(options: BackendIdentitiesOptions): BackendIdentities {
  const { readSecret, onKnown, clock, log } = options
  const keys = new Map<
    string,
    { readonly key: Buffer; readonly made: Map<string, BackendIdentity> }
  >()
  /** Namespaces whose key is being read, or is to be looked for again: one reading of each at a time. */
  const readings = new Set<string>()
  /** What their readings bring is from before the last doubt, and counts for nothing. */
  const outdated = new Set<string>()
  /** When doubts began the latest reading. */
  const doubted = new Map<string, number>()
  /** Of those whose next reading is to come, what calls it off. */
  const waiting = new Map<string, () => void>()

  async function read(namespace: string) {
    readings.add(namespace)
    const found = await readKey(namespace)
    if (outdated.has(namespace)) return end(namespace)
    // What cannot be read says nothing of the key that there is.
    if (found === 'unreadable' && keys.has(namespace)) return end(namespace)
    if (found === 'unreadable' || found === 'none') {
      keys.delete(namespace)
      return void clock.after(retryMs, () => end(namespace))
    }
    const isSame = keys.get(namespace)?.key.equals(found) ?? false
    if (!isSame) keys.set(namespace, { key: found, made: new Map() })
    end(namespace)
  }

  /** Whoever is told asks, and where there is no key, that reads it once more. */
  function end(namespace: string) {
    readings.delete(namespace)
    if (outdated.delete(namespace) && keys.has(namespace)) return readAgain(namespace)
    onKnown(namespace)
  }

  /** At once, or a while after the last time that somebody doubted. */
  function readAgain(namespace: string) {
    if (waiting.has(namespace)) return
    const leftMs = (doubted.get(namespace) ?? -Infinity) + doubtPauseMs - clock.now()
    const begin = () => {
      waiting.delete(namespace)
      doubted.set(namespace, clock.now())
      if (!readings.has(namespace)) void read(namespace)
    }
    if (leftMs <= 0) begin()
    else waiting.set(namespace, clock.after(leftMs, begin))
  }

  async function readKey(namespace: string): Promise<Buffer | 'none' | 'unreadable'> {
    try {
      const limit = AbortSignal.timeout(readTimeoutMs)
      return (
        keyIn(await untilSignal(limit, () => readSecret(namespace, backendSecret.name))) ?? 'none'
      )
    } catch (error) {
      log.warn({ err: error, namespace }, 'the key of its backends cannot be read')
      return 'unreadable'
    }
  }

  return {
    of(namespace, backendId) {
      const known = keys.get(namespace)
      if (known === undefined) {
        if (!readings.has(namespace)) void read(namespace)
        return undefined
      }
      const { key, made } = known
      if (made.size > identitiesMax) made.clear()
      const identity = made.get(backendId) ?? identityOf(backendId, key)
      made.set(backendId, identity)
      return identity
    },
    doubt(namespace) {
      if (readings.has(namespace)) outdated.add(namespace)
      else if (keys.has(namespace)) readAgain(namespace)
    },
    forget(namespace) {
      keys.delete(namespace)
      doubted.delete(namespace)
      waiting.get(namespace)?.()
      waiting.delete(namespace)
      if (readings.has(namespace)) outdated.add(namespace)
    },
    get size() {
      return keys.size + readings.size
    },
  }
}

/** A Secret is made empty, and filled by the claim of its environment. */
function keyIn(secret: KubeObject | undefined): Buffer | undefined {
  const text = recordOf(secret?.data)[backendSecret.key]
  if (typeof text !== 'string') return undefined
  const key = Buffer.from(Buffer.from(text, 'base64').toString('latin1').trim(), 'hex')
  return key.length === 0 ? undefined : key
}

/** As `plana_gateway` compares them: `{id}.{HMAC-SHA256 of what it is for and the id}`. */
function identityOf(backendId: string, key: Buffer): BackendIdentity {
  const signed = (purpose: string) =>
    `${backendId}.${createHmac('sha256', key).update(`${purpose}${backendId}`).digest('hex')}`
  return { identity: signed(''), control: signed('control ') }
}
