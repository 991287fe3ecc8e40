import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bench, openBench } from '../bench.suite.ts'

let bench: Bench

beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench[Symbol.asyncDispose]())

/** A deleted environment whose data ends at this time. */
async function bury(uid: string, expiresAt: string) {
  await bench.ask('postgres', `CREATE DATABASE "~${uid}"`)
  await bench.ask('postgres', `CREATE ROLE "~${uid}" IN ROLE pulse_tenant`)
  const [oid] = await bench.ask('postgres', 'SELECT oid FROM pg_database WHERE datname = $1', [
    `~${uid}`,
  ])
  await mkdir(join(bench.places.tombstones, uid), { recursive: true })
  await bench.ask(
    'pulse',
    `INSERT INTO odoo.tombstone (environment_uid, environment, oid, database, hosting, role, filestore_volume, expires_at)
     VALUES ($1, $1, $2, $1, 'instance', $1, 'a/b', $3)`,
    [uid, oid, expiresAt],
  )
}

/** What is left, wherever it would be. */
async function left() {
  const rows = await bench.ask('pulse', 'SELECT environment_uid FROM odoo.tombstone ORDER BY 1')
  const roles = await bench.ask(
    'postgres',
    `SELECT rolname FROM pg_roles WHERE rolname LIKE '~%' ORDER BY 1`,
  )
  return {
    rows,
    roles,
    databases: (await bench.databases()).filter((name) => name.startsWith('~')),
    folders: (await readdir(bench.places.tombstones)).toSorted(),
  }
}

const nothing = { rows: [], roles: [], databases: [], folders: [] }
const now = () => new Date('2026-03-01T00:00:00Z')

test('what has expired is dropped, what has not is kept until it has', async () => {
  await bury('old', '2026-03-01T00:00:00Z')
  await bury('young', '2026-03-01T02:00:00Z')
  await bench.task('purge', [], { now })
  expect(await left()).toEqual({
    rows: ['young'],
    roles: ['~young'],
    databases: ['~young'],
    folders: ['young'],
  })
  await bench.task('purge', [], { now: () => new Date('2026-03-01T02:00:00Z') })
  expect(await left()).toEqual(nothing)
})

test('what cannot be dropped is told, holds up nothing behind it, and goes the next time', async () => {
  await bury('a-stuck', '2026-02-01T00:00:00Z')
  await bury('b-old', '2026-02-02T00:00:00Z')
  // A role that owns something elsewhere cannot go.
  await bench.ask('postgres', 'CREATE DATABASE elsewhere OWNER "~a-stuck"')
  await expect(bench.task('purge', [], { now })).rejects.toThrow('1 of 2 tombstones not dropped')
  expect(await left()).toMatchObject({ rows: ['a-stuck'], roles: ['~a-stuck'] })
  await bench.ask('postgres', 'DROP DATABASE elsewhere')
  await bench.task('purge', [], { now })
  expect(await left()).toEqual(nothing)
})
