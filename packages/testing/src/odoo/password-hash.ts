import { pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(pbkdf2)

/** Odoo's floor; a stored hash with fewer rounds is replaced at the next login. */
const minimumRounds = 600_000
const hashBytes = 64

export interface PasswordCheck {
  readonly valid: boolean
  /** A hash to store instead, where the stored one is plain text or too cheap. */
  readonly replacement?: string
}

/** Checks a password against `res_users.password` at its real cost: about half a second of CPU. */
export async function checkPassword(password: string, stored: string): Promise<PasswordCheck> {
  const hash = parseHash(stored)
  if (!hash) {
    const valid = stored !== '' && sameBytes(Buffer.from(stored), Buffer.from(password))
    return valid ? { valid, replacement: await hashPassword(password) } : { valid }
  }

  const derived = await derive(password, hash.salt, hash.rounds, hash.digest.length, 'sha512')
  const valid = sameBytes(derived, hash.digest)
  if (!valid || hash.rounds >= minimumRounds) return { valid }
  return { valid, replacement: await hashPassword(password) }
}

/** A hash in passlib's notation: `$pbkdf2-sha512$rounds$salt$digest`, base64 with `.` for `+`. */
export async function hashPassword(password: string, rounds = minimumRounds): Promise<string> {
  const salt = randomBytes(16)
  const digest = await derive(password, salt, rounds, hashBytes, 'sha512')
  return `$pbkdf2-sha512$${rounds}$${encode(salt)}$${encode(digest)}`
}

function parseHash(stored: string) {
  const match = /^\$pbkdf2-sha512\$(\d+)\$([A-Za-z0-9./]+)\$([A-Za-z0-9./]+)$/.exec(stored)
  if (!match) return undefined
  const [, rounds = '', salt = '', digest = ''] = match
  return { rounds: Number(rounds), salt: decode(salt), digest: decode(digest) }
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '.').replaceAll('=', '')
}

function decode(text: string): Buffer {
  return Buffer.from(text.replaceAll('.', '+'), 'base64')
}

function sameBytes(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}
