import { createHash, timingSafeEqual } from 'node:crypto'
import type { User } from './call.ts'

export interface TokenUser {
  readonly token: string
  readonly user: User
}

/** Recognises bearer tokens; how long it takes says nothing about how much of a guess is right. */
export function tokenAuthentication(known: readonly TokenUser[]) {
  const entries = known.map(({ token, user }) => ({ digest: digestOf(token), user }))
  return (token: string): User | undefined => {
    const digest = digestOf(token)
    let found: User | undefined
    for (const entry of entries) if (timingSafeEqual(entry.digest, digest)) found = entry.user
    return found
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/** The token of an Authorization header; the scheme's case does not matter (RFC 7235 2.1). */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
}
