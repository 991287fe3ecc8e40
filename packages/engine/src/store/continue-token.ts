import { isRecord } from '@pulse/api'
import { badRequest } from './refusals.ts'

/** Where the next page begins: after this key, in the state of that version, or (`now`) as things stand by then. Opaque to clients. */
export interface ContinueToken {
  readonly version: number | 'now'
  readonly namespace: string
  readonly name: string
}

export function encodeContinue({ version, namespace, name }: ContinueToken): string {
  return Buffer.from(JSON.stringify([version, namespace, name])).toString('base64url')
}

export function decodeContinue(token: string): ContinueToken {
  const parsed = parseJson(Buffer.from(token, 'base64url').toString())
  const [version, namespace, name] = Array.isArray(parsed) ? parsed : []
  if (
    !(Number.isSafeInteger(version) || version === 'now') ||
    typeof namespace !== 'string' ||
    typeof name !== 'string' ||
    isRecord(parsed)
  ) {
    throw badRequest('continue key is not valid')
  }
  return { version, namespace, name }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
