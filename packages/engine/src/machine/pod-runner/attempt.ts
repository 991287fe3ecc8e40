import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import type { Handler, PortRef } from './probe-spec.ts'

export interface AttemptContext {
  readonly address: string
  readonly portOf: (port: PortRef) => number
  /** Runs a command as the container would; resolves with its exit code. */
  readonly exec: (command: readonly string[], signal: AbortSignal) => Promise<number>
}

/** One attempt of a probe or hook. The text says what went wrong; undefined says that all is well. */
export async function attempt(
  handler: Handler,
  { address, portOf, exec }: AttemptContext,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    if (handler.type === 'exec') {
      const code = await exec(handler.command, signal)
      return code === 0 ? undefined : `command ended with exit code ${code}`
    }
    const host = handler.host ?? address
    const port = portOf(handler.port)
    if (handler.type === 'tcp') return await connects(host, port, signal)
    const code = await statusOf(handler, { host, port }, signal)
    return code >= 200 && code < 400 ? undefined : `HTTP probe failed with statuscode: ${code}`
  } catch (error) {
    if (signal.aborted) return 'no answer in time'
    return error instanceof Error ? error.message : String(error)
  }
}

async function connects(host: string, port: number, signal: AbortSignal): Promise<undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const socket = connect({ host, port, signal })
  socket.once('connect', () => resolve(undefined))
  socket.once('error', reject)
  return promise.finally(() => socket.destroy())
}

/** The answer's head is enough: its body is not read. A certificate is not checked, as kubelet does not. */
function statusOf(
  handler: Extract<Handler, { type: 'http' }>,
  place: { host: string; port: number },
  signal: AbortSignal,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const send = handler.scheme === 'https' ? httpsRequest : httpRequest
  const headers = Object.fromEntries(handler.headers.map(({ name, value }) => [name, value]))
  const request = send(
    {
      ...place,
      path: handler.path.startsWith('/') ? handler.path : `/${handler.path}`,
      headers: { 'User-Agent': 'pulse-probe', Accept: '*/*', Connection: 'close', ...headers },
      agent: false,
      rejectUnauthorized: false,
      signal,
    },
    (response) => {
      resolve(response.statusCode ?? 0)
      response.destroy()
    },
  )
  request.once('error', reject)
  // Of one that switches protocols nothing else is heard.
  request.once('close', () => reject(new Error('the connection ended without an answer')))
  request.end()
  return promise
}
