import { createAdministration, prepareServer } from '@pulse/odoo'
import { sql, testPostgres } from '@pulse/testing'

interface Role {
  readonly name: string
  readonly password: string
}

/** A tenant's role on the tests' PostgreSQL, which is prepared first as Pulse prepares its own. */
export async function createTenantRole({ name, password }: Role) {
  const { socketFolder, host, port, user } = testPostgres()
  const admin = { host: socketFolder, port, user }
  await prepareServer(createAdministration({ admin, tenant: { host, port } }))
  await sql('postgres', `CREATE ROLE ${name} LOGIN PASSWORD '${password}' IN ROLE pulse_tenant`)
}
