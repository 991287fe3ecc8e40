import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKinds } from '@pulse/api'
import { createEventRecorder, createPostgresObjects, type Store, systemClock } from '@pulse/engine'
import {
  type Administration,
  createAdministration,
  prepareServer,
  withConnection,
} from '@pulse/odoo'
import { type RunningPostgres, startTestPostgres } from '@pulse/testing'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { openStateDirectory, statePaths } from '../installation/state-directory.ts'
import { silent } from '../silent-log.suite.ts'
import { checkLeaks } from './check-leaks.ts'
import { findLeaks } from './find-leaks.ts'
import { listOwners } from './list-owners.ts'
import { listStanding } from './list-standing.ts'
import { leaksRef } from './report-leaks.ts'

const { kinds, findKind } = await createKinds()
const writer = { fieldManager: 'test' }
const signal = new AbortController().signal
let postgres: RunningPostgres
let administration: Administration
let objects: Store
let stateDir: string

beforeAll(async () => {
  // Its own: databases and roles are a server's.
  postgres = await startTestPostgres()
  const { socketFolder, host, port, user } = postgres
  const admin = { host: socketFolder, port, user }
  administration = createAdministration({ admin, tenant: { host, port } })
  await prepareServer(administration)
  objects = await createPostgresObjects({
    connection: { ...admin, database: administration.registerDatabase },
    kinds: findKind,
    log: silent,
  })
  await objects.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'acme' } }, writer)
})
afterAll(async () => {
  await objects.close()
  await postgres.stop()
})

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'pulse-leaks-'))
  await openStateDirectory(stateDir)
  onTestFinished(() => rm(stateDir, { recursive: true, force: true }))
})

async function leaks() {
  const standing = await listStanding({ administration, stateDir, signal })
  const owners = await listOwners({ administration, objects, kinds, signal }, standing)
  return findLeaks(standing, owners).map(({ type, name }) => `${type} ${name}`)
}

async function run(...statements: readonly string[]) {
  await withConnection(
    administration,
    { database: administration.registerDatabase },
    async (all) => {
      for (const statement of statements) await all.query(statement)
    },
  )
}

test('on a machine without tenants nothing is a leak', async () => {
  expect(await leaks()).toEqual([])
})

test('databases, roles and names of a server that nobody has are found, those of others are not', async () => {
  await run(
    'CREATE ROLE "instance-gone" IN ROLE pulse_tenant',
    'CREATE ROLE accounting',
    'CREATE ROLE pulse_reader IN ROLE pulse_tenant',
    'CREATE DATABASE "gone.localhost" OWNER "instance-gone"',
    'CREATE DATABASE ledger OWNER accounting',
    'CREATE DATABASE filling_dead',
    `INSERT INTO unique_name (name, uid) VALUES ('host:gone.localhost', 'no-such-uid')`,
  )
  onTestFinished(() =>
    run(
      ...['"gone.localhost"', 'ledger', 'filling_dead'].map((name) => `DROP DATABASE ${name}`),
      'DROP ROLE "instance-gone"',
      'DROP ROLE pulse_reader',
      `DELETE FROM unique_name WHERE uid = 'no-such-uid'`,
    ),
  )
  expect(await leaks()).toEqual([
    'database filling_dead',
    'database gone.localhost',
    'role instance-gone',
    'hostname host:gone.localhost',
  ])
})

test('an unfinished database is none while a task works on it, nor while its Job is to be tried again', async () => {
  await run('CREATE DATABASE filling_locked', 'CREATE DATABASE filling_tried')
  onTestFinished(() => run('DROP DATABASE filling_locked', 'DROP DATABASE filling_tried'))
  const containers = [{ name: 'task', image: 'pulse', args: ['task', 'fill', '--id=tried'] }]
  const job = await objects.create(
    {
      ...{ apiVersion: 'batch/v1', kind: 'Job' },
      metadata: { name: 'fill-tried', namespace: 'acme' },
      spec: { template: { spec: { restartPolicy: 'Never', containers } } },
    },
    writer,
  )
  const database = administration.registerDatabase
  await withConnection(administration, { database }, async (task) => {
    await task.query(`SELECT pg_advisory_lock(hashtextextended('pulse:standby_locked', 0))`)
    expect(await leaks()).toEqual([])
  })
  expect(await leaks()).toEqual(['database filling_locked'])
  const status = { conditions: [{ type: 'Failed', status: 'True' }] }
  await objects.apply(
    { ...job, metadata: { name: 'fill-tried', namespace: 'acme' }, status },
    {
      ...writer,
      subresource: 'status',
      force: true,
    },
  )
  expect(await leaks()).toEqual(['database filling_locked', 'database filling_tried'])
})

test('folders that nobody has are found by their names', async () => {
  const { volumes, tombstones, templates, pods } = statePaths(stateDir)
  const claim = {
    ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
    metadata: { name: 'kept', namespace: 'acme' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  }
  await objects.create(claim, writer)
  for (const folder of [
    ...['acme/kept/filestore/own', 'acme/left', 'nobody', '.staging/work-filling_dead'].map(
      (name) => join(volumes, name),
    ),
    join(volumes, 'plana-odoo-18/odoo-filestore/filestore/buried.localhost'),
    ...[join(tombstones, 'uid-old'), join(templates, 'old'), join(pods, 'uid-pod')],
  ]) {
    await mkdir(folder, { recursive: true })
  }
  expect(await leaks()).toEqual([
    'volume acme/left',
    'volume nobody',
    'volume plana-odoo-18/odoo-filestore',
    'filestore plana-odoo-18/odoo-filestore/buried.localhost',
    'tombstone uid-old',
    'template old',
    'staging work-filling_dead',
    'pod uid-pod',
  ])
})

test('a process of a container that no pod knows is found, and none of another installation', async () => {
  const start = async (home: string) => {
    const env = { PATH: '/usr/bin:/bin', PULSE_START: 'token', HOME: home }
    const child = spawn('/bin/sleep', ['60'], { env, stdio: 'ignore' })
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child, 'spawn')
    return child.pid
  }
  const stray = await start(join(statePaths(stateDir).pods, 'uid-gone', 'home'))
  await start(join(tmpdir(), 'other', 'pods', 'uid-gone', 'home'))
  await expect.poll(leaks).toEqual([`process ${stray}`])
})

test('a check writes down what it found, and touches nothing', async () => {
  await objects.create(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: leaksRef.namespace } },
    writer,
  )
  const grave = join(statePaths(stateDir).tombstones, 'uid-old')
  await mkdir(grave)
  const log = silent
  const events = createEventRecorder({ objects, log, clock: systemClock, component: 'test' })
  await checkLeaks({ administration, objects, kinds, stateDir, events, log, signal })
  expect((await objects.get(leaksRef))?.data).toMatchObject({
    tombstone: 'uid-old',
    'tombstone.count': '1',
    'database.count': '0',
  })
  expect((await stat(grave)).isDirectory()).toBe(true)
})
