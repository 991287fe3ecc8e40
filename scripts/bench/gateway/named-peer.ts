import type { Peer } from './peers.ts'

/** A proxy that somebody else started on this machine, in front of a backend of its own. */
export function namedPeer(argument: string): Peer {
  const [, name, url = '', port] = local.exec(argument) ?? []
  // All are asked at that address: of any other, the figures would be those of whatever listens here.
  if (name === undefined) throw new Error(`--peer NAME=http://127.0.0.1:PORT, not ${argument}`)
  return { name, version: url, start: async () => ({ port: Number(port ?? 80) }) }
}

const local = /^([^=]+)=(http:\/\/(?:127\.0\.0\.1|localhost)(?::(\d+))?\/?)$/
