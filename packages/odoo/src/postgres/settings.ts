/** The files that say how our own cluster listens, whom it believes and how much memory it takes. */

export const adminRole = 'pulse'
export const socketPort = 5432

export interface ServerAddress {
  readonly socketFolder: string
  /** Loopback address for tenants' workers. */
  readonly listenAddress: string
  readonly port: number
}

/**
 * Who may connect, and how. The administrator only through the socket folder (0700) and only as the operating system
 * user that the map names; everybody else by password from loopback. Nobody is ever believed without proof.
 */
export function makeHba(): string {
  return lines([
    `local all ${adminRole} peer map=pulse`,
    `host all ${adminRole} all reject`,
    'host all all 127.0.0.0/8 scram-sha-256',
  ])
}

/** Operating system users that may be the administrator: the server's own, and the one that Pulse runs as. */
export function makeIdent(systemUsers: readonly string[]): string {
  return lines(
    [...new Set(systemUsers)].map((user) => `pulse ${JSON.stringify(user)} ${adminRole}`),
  )
}

/** Memory by machine size; a pool of workers opens many idle connections, so there is room for them. */
export function makeSettings(address: ServerAddress, memoryBytes: number): string {
  const memoryMb = Math.floor(memoryBytes / 2 ** 20)
  const sharedMb = Math.min(2048, Math.max(64, Math.floor(memoryMb / 16)))
  // An awake Odoo keeps three or four connections; idle ones cost some megabytes each.
  const connections = Math.min(2000, Math.max(400, Math.floor(memoryMb / 16)))
  return lines([
    `listen_addresses = ${quote(address.listenAddress)}`,
    `port = ${address.port}`,
    `unix_socket_directories = ${quote(address.socketFolder)}`,
    'unix_socket_permissions = 0700',
    'password_encryption = scram-sha-256',
    `max_connections = ${connections}`,
    // Tenants that take all connections leave some to Pulse, which is the only one to mend it.
    'superuser_reserved_connections = 30',
    // REASSIGN OWNED of one Odoo database locks some thousands of objects at once.
    'max_locks_per_transaction = 256',
    `shared_buffers = ${sharedMb}MB`,
    `effective_cache_size = ${Math.max(128, Math.floor(memoryMb / 2))}MB`,
    'maintenance_work_mem = 64MB',
    'max_wal_size = 2GB',
    'checkpoint_timeout = 15min',
    'jit = off',
    'logging_collector = off',
    'log_min_messages = warning',
    "log_line_prefix = '%m [%p] %q%u@%d '",
    'log_min_error_statement = panic',
    "timezone = 'UTC'",
    "lc_messages = 'C'",
  ])
}

function quote(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

function lines(content: readonly string[]): string {
  return `${content.join('\n')}\n`
}
