import { join, resolve } from 'node:path'
import pg from 'pg'
import { adminRole } from './settings.ts'

/** How a running server is reached, by us and by tenants. */
export interface ServerConnection {
  /** For the administrator; give a `database`. */
  readonly admin: pg.ClientConfig
  /** Where tenants' workers connect with their own role and password. */
  readonly tenant: { readonly host: string; readonly port: number }
}

export interface OwnServer {
  /** Socket folder. */
  readonly run: string
  readonly listenAddress: string
  readonly port: number
}

/** The socket folder of the server under a state directory. */
export function socketFolder(stateDir: string): string {
  return join(resolve(stateDir), 'postgres', 'run')
}

const connectionTimeoutMillis = 10_000

/** The connection of an external server by its URL, or of our own by its place. Connects to nothing. */
export function adminConnection(server: OwnServer | { readonly url: string }): ServerConnection {
  if ('url' in server) {
    const { host, port, user, password, ssl } = new pg.Client({ connectionString: server.url })
    return {
      admin: { host, port, user, password, ssl, connectionTimeoutMillis },
      tenant: { host, port },
    }
  }
  const { run, listenAddress, port } = server
  return {
    admin: { host: run, port, user: adminRole, connectionTimeoutMillis },
    tenant: { host: listenAddress, port },
  }
}
