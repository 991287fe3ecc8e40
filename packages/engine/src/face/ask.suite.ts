import { expect } from 'vitest'
import { testToken } from './harness.suite.ts'

export interface Ask extends RequestInit {
  readonly accept?: string
  readonly type?: string
  readonly send?: unknown
  readonly token?: string
}

/** Requests to a running face, as any HTTP client makes them. */
export function createAsk(url: () => string) {
  async function ask(path: string, { accept, type, send, token = testToken, ...init }: Ask = {}) {
    const body = bodyOf(send)
    const response = await fetch(`${url()}${path}`, {
      redirect: 'manual',
      ...init,
      ...(body !== undefined && { body }),
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(accept && { Accept: accept }),
        ...(body !== undefined && { 'Content-Type': type ?? 'application/json' }),
      },
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json')
    return {
      code: response.status,
      headers: response.headers,
      text,
      json: isJson && text ? JSON.parse(text) : {},
    }
  }

  const post = (path: string, send: unknown, more: Ask = {}) =>
    ask(path, { method: 'POST', send, ...more })

  async function open(path: string, accept = 'application/json') {
    const leaving = new AbortController()
    const response = await fetch(`${url()}${path}`, {
      signal: leaving.signal,
      headers: { Authorization: `Bearer ${testToken}`, Accept: accept },
    })
    expect(response.status).toBe(200)
    const lines = linesOf(response)
    return {
      next: async () => {
        const { value } = await lines.next()
        return value === undefined ? undefined : JSON.parse(value)
      },
      leave: () => leaving.abort(),
    }
  }

  return { ask, post, open }
}

function bodyOf(send: unknown): string | Uint8Array<ArrayBuffer> | undefined {
  if (send === undefined || typeof send === 'string') return send
  return send instanceof Uint8Array ? new Uint8Array(send) : JSON.stringify(send)
}

async function* linesOf(response: Response): AsyncGenerator<string, undefined> {
  let rest = ''
  for await (const chunk of response.body ?? []) {
    const parts = (rest + Buffer.from(chunk).toString()).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
}
