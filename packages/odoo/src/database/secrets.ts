import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(pbkdf2)

/** Without i, l, o and u: nothing to mistake when read aloud. 32 letters are 5 bits each. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** Twenty letters in four groups: 100 bits, and still readable to a person at the telephone. */
export function makePassword(): string {
  const letters = [...randomBytes(20)].map((byte) => alphabet.charAt(byte % alphabet.length))
  return [0, 5, 10, 15].map((at) => letters.slice(at, at + 5).join('')).join('-')
}

/** The form that Odoo (passlib) stores and checks. Costs some hundred milliseconds of CPU: made while filling. */
export async function hashForOdoo(password: string, rounds: number): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, rounds, 64, 'sha512')
  return `$pbkdf2-sha512$${rounds}$${adapted64(salt)}$${adapted64(key)}`
}

/** passlib's base64: without padding, with a dot for the plus. */
function adapted64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '').replaceAll('+', '.')
}

/**
 * What PostgreSQL keeps of a password (RFC 5803): the password itself never reaches its logs. Iterations make guessing
 * dear, which a password of 100 bits that lives for milliseconds does not need.
 */
export async function scramVerifier(password: string, iterations = 4096): Promise<string> {
  const salt = randomBytes(16)
  const salted = await derive(password, salt, iterations, 32, 'sha256')
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest()
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64')
  const serverKey = hmac('Server Key').toString('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`
}
