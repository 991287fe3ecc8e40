import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import {
  createAuthority,
  createServerCertificate,
  isFresh,
  type KeyAndCertificate,
} from './certificates.ts'
import { type StateDirectory, writeFileAtomically } from './state-directory.ts'

/** What the API server shows and what its administrator shows it. */
export interface Identity {
  readonly authority: KeyAndCertificate
  readonly server: KeyAndCertificate
  /** The administrator's bearer token. */
  readonly token: string
}

/** Reads the keys of this installation, or makes them; a server certificate near its end is renewed. */
export async function openIdentity({ paths }: StateDirectory, now: Date): Promise<Identity> {
  const authority = await readPair(paths.authority, 'ca', () => createAuthority(now))
  const server = await readPair(
    paths.authority,
    'server',
    () => createServerCertificate(authority, now),
    (pair) => isFresh(pair.certificate, now),
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

async function readPair(
  folder: string,
  name: string,
  make: () => Promise<KeyAndCertificate>,
  serves: (pair: KeyAndCertificate) => boolean = () => true,
): Promise<KeyAndCertificate> {
  const path = join(folder, `${name}.json`)
  const text = await readIfThere(path)
  if (text !== undefined) {
    const pair: KeyAndCertificate = JSON.parse(text)
    if (serves(pair)) return pair
  }
  const made = await make()
  await writeFileAtomically(path, JSON.stringify(made))
  return made
}

async function readOrWrite(path: string, make: () => string): Promise<string> {
  const text = await readIfThere(path)
  if (text !== undefined) return text.trim()
  const made = make()
  await writeFileAtomically(path, `${made}\n`)
  return made
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** 256 bits. */
function newToken(): string {
  return randomBytes(32).toString('base64url')
}
