import type { PostgresOptions } from '@pulse/engine'
import type { ServerConnection } from '@pulse/odoo'

/** The administrator's connection, with only what the store takes. */
export function storeConnection(
  { host, port, user, password, ssl }: ServerConnection['admin'],
  database: string,
): PostgresOptions['connection'] {
  return {
    database,
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(ssl !== undefined && { ssl }),
  }
}
