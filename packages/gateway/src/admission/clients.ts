import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { type Client, createClientReader } from '../client-address.ts'

/** Tells who asks. Without proxies to trust, an address is read once for each connection. */
export function createClients(
  trustedProxies: readonly string[],
): (from: IncomingMessage) => Client {
  const read = createClientReader(trustedProxies)
  const readAll = ({ headers, socket }: IncomingMessage) =>
    read(headers, { remoteAddress: socket.remoteAddress, encrypted: socket instanceof TLSSocket })
  if (trustedProxies.length > 0) return readAll

  const known = new WeakMap<Socket, Client>()
  return (request) => {
    const { socket, headers } = request
    const before = known.get(socket)
    if (before !== undefined && before.host === headers.host) return before
    const client = readAll(request)
    known.set(socket, client)
    return client
  }
}
