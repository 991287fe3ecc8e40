import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import Type from 'typebox'
import { parseJson } from './json-text.ts'

const pairSchema = Type.Object({
  /** PEM, PKCS #8. */
  key: Type.String({ pattern: '^-----BEGIN PRIVATE KEY-----' }),
  /** PEM, X.509. */
  certificate: Type.String({ pattern: '^-----BEGIN CERTIFICATE-----' }),
})

export type KeyAndCertificate = Type.Static<typeof pairSchema>

/** Where one of the pairs of an installation lies. */
export function pairPath(folder: string, name: 'ca' | 'server'): string {
  return join(folder, `${name}.json`)
}

/** A pair as it was written; undefined when there is none. Throws on a damaged file, and says what mends it. */
export async function readPair(path: string): Promise<KeyAndCertificate | undefined> {
  const text = await textIfThere(path)
  if (text === undefined) return undefined
  const pair = parseJson(pairSchema, text)
  if (pair) return pair
  throw new Error(
    `${path} is damaged: remove ${dirname(path)} and start Pulse again; it makes new keys, and a kubeconfig given out before has to be given out anew`,
  )
}

/** Undefined when there is no such file. */
export async function textIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
