import { randomBytes } from 'node:crypto'
import { stringify } from 'yaml'
import { createAuthority, createServerCertificate, isFresh, isSignedBy } from './certificates.ts'
import { type KeyAndCertificate, pairPath, readPair, textIfThere } from './key-pair.ts'
import { type StateDirectory, writeFileAtomically } from './state-directory.ts'

/** What the API server shows and what its administrator shows it. */
export interface Identity {
  readonly authority: KeyAndCertificate
  readonly server: KeyAndCertificate
  /** The administrator's bearer token. */
  readonly token: string
}

/** Reads the keys of this installation, or makes them; what is near its end is made anew. */
export async function openIdentity({ paths }: StateDirectory, now: Date): Promise<Identity> {
  const authority = await openPair(
    pairPath(paths.authority, 'ca'),
    (pair) => isFresh(pair, now),
    () => createAuthority(now),
  )
  const server = await openPair(
    pairPath(paths.authority, 'server'),
    (pair) => isFresh(pair, now) && isSignedBy(pair, authority),
    () => createServerCertificate(authority, now),
  )
  return { authority, server, token: await readOrWrite(paths.token, newToken) }
}

/** The kubeconfig for kubectl and for our own command. */
export function makeKubeconfig(server: string, { authority, token }: Identity): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'pulse',
        cluster: {
          server,
          'certificate-authority-data': Buffer.from(authority.certificate).toString('base64'),
        },
      },
    ],
    users: [{ name: 'pulse-admin', user: { token } }],
    contexts: [{ name: 'pulse', context: { cluster: 'pulse', user: 'pulse-admin' } }],
    'current-context': 'pulse',
  })
}

async function openPair(
  path: string,
  serves: (pair: KeyAndCertificate) => boolean,
  make: () => Promise<KeyAndCertificate>,
): Promise<KeyAndCertificate> {
  const found = await readPair(path)
  if (found && serves(found)) return found
  const made = await make()
  await writeFileAtomically(path, JSON.stringify(made))
  return made
}

async function readOrWrite(path: string, make: () => string): Promise<string> {
  const text = await textIfThere(path)
  if (text !== undefined) return text.trim()
  const made = make()
  await writeFileAtomically(path, `${made}\n`)
  return made
}

/** 256 bits. */
function newToken(): string {
  return randomBytes(32).toString('base64url')
}
