import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TestDatabase, TestPostgres } from './postgres.ts'

const run = promisify(execFile)

/** Databases that real Odoo made; they are no part of the project. */
const folder =
  process.env.PLANA_FIXTURES ?? join(import.meta.dirname, '../../../../shared/fixtures')

/** Why tests on real databases are skipped; undefined where the fixtures are there. */
export const fixturesMissing = existsSync(folder)
  ? undefined
  : 'the fixture databases are missing: set PLANA_FIXTURES to their folder'

export type FixtureName = 'odoo17-biz' | 'odoo18-base' | 'odoo18-biz' | 'odoo18-demo' | 'odoo19-biz'

/** Where a fixture lies, for what imports it itself. */
export function fixtureFiles(name: FixtureName): {
  readonly dump: string
  readonly filestore: string
} {
  return {
    dump: join(folder, `${name}.dump`),
    filestore: join(folder, `${name}.filestore.tar.gz`),
  }
}

/** Restores one fixture into an empty database; all of it belongs to `owner`, or else to the superuser. */
export async function restoreFixture(
  name: FixtureName,
  database: TestDatabase,
  server: TestPostgres,
  owner = server.user,
): Promise<void> {
  const target = ['-h', server.socketFolder, '-p', String(server.port), '-U', server.user]
  await run('pg_restore', [
    ...target,
    ...['--no-owner', '--no-acl', '--jobs=2', `--role=${owner}`, '-d', database.name],
    fixtureFiles(name).dump,
  ])
}

/** Unpacks the files that belong to a fixture into `{dataDir}/filestore/{database}`. */
export async function unpackFixtureFilestore(
  name: FixtureName,
  dataDir: string,
  database: string,
): Promise<void> {
  const target = join(dataDir, 'filestore', database)
  await mkdir(target, { recursive: true })
  await run('tar', ['-xzf', fixtureFiles(name).filestore, '-C', target])
}
