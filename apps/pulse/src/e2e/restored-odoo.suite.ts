import {
  createTestDatabase,
  restoreFixture,
  sql,
  type TestDatabase,
  testPostgres,
} from '@pulse/testing'

/** A database of Odoo 18 with base alone, all of it this role's. */
export async function restoreOdoo(role: string): Promise<TestDatabase> {
  const database = await createTestDatabase()
  await sql('postgres', `ALTER DATABASE ${database.name} OWNER TO ${role}`)
  await sql(database.name, `ALTER SCHEMA public OWNER TO ${role}`)
  await restoreFixture('odoo18-base', database, testPostgres(), role)
  return database
}
