import { type Administration, whileLocked, withConnection } from './administration.ts'
import { migrateRegister } from './migrate-register.ts'
import { hardenServer, identifier } from './statements.ts'

/** Makes a server fit for tenants: closed to PUBLIC, with the register in Pulse's own database. Safe to repeat. */
export async function prepareServer(
  administration: Administration,
  signal?: AbortSignal,
): Promise<void> {
  const { registerDatabase } = administration
  await withConnection(administration, { database: 'postgres', signal }, (connection) =>
    whileLocked(connection, 'prepare-server', async () => {
      const found = await connection.query('SELECT 1 FROM pg_database WHERE datname = $1', [
        registerDatabase,
      ])
      if (found.length === 0) {
        await connection.query(
          `CREATE DATABASE ${identifier(registerDatabase)} TEMPLATE template0 ENCODING 'UTF8'`,
        )
      }
      for (const statement of hardenServer(registerDatabase)) await connection.query(statement)
      await connection.query('REVOKE ALL ON SCHEMA public FROM PUBLIC')
      await withConnection(administration, { database: registerDatabase, signal }, (register) =>
        migrateRegister(register),
      )
    }),
  )
}
