import {
  type Administration,
  type Connection,
  sqlState,
  whileLocked,
  withConnection,
} from './administration.ts'
import { migrateRegister } from './migrate-register.ts'
import { hardenServer, identifier } from './statements.ts'

/** Makes a server fit for tenants: closed to PUBLIC, with the register in Pulse's own database. Safe to repeat. */
export async function prepareServer(
  administration: Administration,
  signal?: AbortSignal,
): Promise<void> {
  const { registerDatabase } = administration
  await withConnection(administration, { database: 'postgres', signal }, async (connection) => {
    await makeDatabase(connection, registerDatabase)
    // In the register, which no tenant enters: a lock in `postgres` a tenant could hold.
    await withConnection(administration, { database: registerDatabase, signal }, (register) =>
      whileLocked(register, 'prepare-server', async () => {
        for (const statement of hardenServer(registerDatabase)) await connection.query(statement)
        await connection.query('REVOKE ALL ON SCHEMA public FROM PUBLIC')
        await migrateRegister(register)
      }),
    )
  })
}

async function makeDatabase(connection: Connection, name: string): Promise<void> {
  const found = await connection.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
  if (found.length > 0) return
  try {
    await connection.query(`CREATE DATABASE ${identifier(name)} TEMPLATE template0 ENCODING 'UTF8'`)
  } catch (error) {
    if (!madeByAnother.includes(sqlState(error) ?? '')) throw error
  }
}

/** Duplicate database, found before or after the wait for the other one. */
const madeByAnother = ['42P04', '23505']
