import { createHmac, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { UsageError } from './command-line.ts'

export const identityHeader = 'x-pulse-backend'
const minimumKeyBytes = 32

/** The two values of `X-Pulse-Backend` that a server accepts, as `plana_gateway/identity.py` has them. */
export interface BackendIdentity {
  /** Somebody's request is meant for this server. */
  readonly visitor: string
  /** Pulse itself asks. */
  readonly control: string
}

/** Undefined where a server was given no identity. */
export function readIdentity(environment: NodeJS.ProcessEnv): BackendIdentity | undefined {
  const { PULSE_BACKEND_ID: id = '', PULSE_BACKEND_KEY_FILE: keyFile = '' } = environment
  if (!id) return undefined
  if (!/^[\w.-]+$/.test(id)) {
    throw new UsageError('PULSE_BACKEND_ID may hold letters, digits, ".", "_" and "-" only')
  }
  const key = readKey(keyFile)
  return { visitor: signed(id, key, ''), control: signed(id, key, 'control ') }
}

function signed(id: string, key: Buffer, purpose: string): string {
  return `${id}.${createHmac('sha256', key).update(`${purpose}${id}`).digest('hex')}`
}

/** In constant time; a header sent twice arrives joined, and so is unequal. */
export function isIdentity(expected: string, given: string | string[] | undefined): boolean {
  const [left, right] = [Buffer.from(expected), Buffer.from(String(given ?? ''))]
  return left.length === right.length && timingSafeEqual(left, right)
}

function readKey(file: string): Buffer {
  if (!file) throw new UsageError('PULSE_BACKEND_KEY_FILE is not set')
  const text = contentOf(file)
  if (!/^(?:[0-9a-f]{2})+$/i.test(text)) {
    throw new UsageError('PULSE_BACKEND_KEY_FILE: the key is not hexadecimal')
  }
  const key = Buffer.from(text, 'hex')
  if (key.length >= minimumKeyBytes) return key
  throw new UsageError(`PULSE_BACKEND_KEY_FILE: the key is shorter than ${minimumKeyBytes} bytes`)
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    throw new UsageError(`PULSE_BACKEND_KEY_FILE: cannot read ${file}`)
  }
}
