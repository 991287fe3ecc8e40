import { type ClientRequest, request } from 'node:http'

export interface Asked {
  /** 0: no answer at all. */
  readonly status: number
  readonly milliseconds: number
}

/** Longer than any answer here may take. */
const timeoutMs = 30_000

/** One call of a program on a connection of its own, and what became of it. */
export function askOnce({ port, host }: { port: number; host: string }): Promise<Asked> {
  const since = performance.now()
  return new Promise((resolve) => {
    const done = (status: number) => resolve({ status, milliseconds: performance.now() - since })
    const outgoing: ClientRequest = request(
      {
        port,
        host: '127.0.0.1',
        path: '/web/dataset/call_kw',
        method: 'POST',
        agent: false,
        timeout: timeoutMs,
        headers: { host, 'content-type': 'application/json' },
      },
      (answer) => {
        answer.on('error', () => done(0)).on('end', () => done(answer.statusCode ?? 0))
        answer.resume()
      },
    )
    outgoing.on('error', () => done(0)).on('timeout', () => outgoing.destroy())
    outgoing.end('{}')
  })
}
