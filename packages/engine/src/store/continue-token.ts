import { isRecord } from '@pulse/api'
import { badRequest } from './refusals.ts'

/** Where the next page begins: after this key, in the state of that version, or (`now`) as things stand by then. Opaque to clients. */
export interface ContinueToken {
  readonly version: number | 'now'
  readonly namespace: string
  readonly name: string
  /** How many follow, as the first page has counted them: counting looks at all, for each page again. */
  readonly remaining?: number | undefined
}

export function encodeContinue({ version, namespace, name, remaining }: ContinueToken): string {
  const parts = [version, namespace, name, ...(remaining === undefined ? [] : [remaining])]
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

export function decodeContinue(token: string): ContinueToken {
  const parsed = parseJson(Buffer.from(token, 'base64url').toString())
  const [version, namespace, name, remaining] = Array.isArray(parsed) ? parsed : []
  if (
    !(Number.isSafeInteger(version) || version === 'now') ||
    typeof namespace !== 'string' ||
    typeof name !== 'string' ||
    !(remaining === undefined || Number.isSafeInteger(remaining)) ||
    isRecord(parsed)
  ) {
    throw badRequest('continue key is not valid')
  }
  return { version, namespace, name, remaining }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
