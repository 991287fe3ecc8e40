import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  environmentLabel,
  environmentNames,
  type Log,
  type OdooMajor,
  poolNames,
  templateDatabaseName,
} from '@pulse/api'
import { type RunningPostgres, startTestPostgres } from '@pulse/testing'
import pg from 'pg'
import { type Administration, createAdministration } from './database/administration.ts'
import { prepareServer } from './database/register.ts'
import { type FilestorePlaces, machinePlaces } from './filestore/places.ts'
import { runTask } from './tasks/registry.ts'
import type { ObjectTarget, Results, TaskDeps } from './tasks/task.ts'

/** Real Odoo databases; they are no part of the project, so tests that need them say when they are not there. */
const fixtures = resolve(
  process.env.PLANA_FIXTURES ?? join(import.meta.dirname, '../../../../shared/fixtures'),
)
export const hasFixtures = existsSync(join(fixtures, 'odoo18-biz.dump'))
export const whyNoFixtures = 'needs the Odoo databases of PLANA_FIXTURES'

const domains = { tenant: 'localhost', dev: 'dev.localhost' }

export const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
}

/** Results kept in files, so that those of a killed process are seen as well. */
export function createResults(folder: string): Results & {
  /** What `{namespace}/{name}` holds. */
  read(key: string): Record<string, string> | undefined
} {
  const fileOf = (key: string) => join(folder, `${key.replaceAll('/', '+')}.json`)
  const read = (key: string): Record<string, string> | undefined =>
    existsSync(fileOf(key)) ? JSON.parse(readFileSync(fileOf(key), 'utf8')) : undefined
  const keyOf = ({ namespace, name }: ObjectTarget) => `${namespace}/${name}`
  const apply = async (target: ObjectTarget, values: Readonly<Record<string, string>>) => {
    const key = keyOf(target)
    writeFileSync(fileOf(key), JSON.stringify({ ...read(key), ...values }))
  }
  return {
    read,
    applySecret: apply,
    applyConfigMap: apply,
    getSecret: async (target) => read(keyOf(target)),
  }
}

/** A server, a state directory and everything that tasks are given. */
export interface Bench extends AsyncDisposable {
  readonly server: RunningPostgres
  readonly stateDir: string
  readonly administration: Administration
  readonly places: FilestorePlaces
  readonly results: ReturnType<typeof createResults>
  readonly deps: TaskDeps
  task(name: string, argv: readonly string[], overrides?: Partial<TaskDeps>): Promise<void>
  importTemplate(major: OdooMajor, set?: string): Promise<string>
  /** First column of each row, as administrator. */
  ask(database: string, statement: string, values?: readonly unknown[]): Promise<unknown[]>
  databases(): Promise<string[]>
}

export async function openBench(): Promise<Bench> {
  const server = await startTestPostgres()
  const stateDir = await mkdtemp(
    join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'pulse-odoo-'),
  )
  const administration = createAdministration({
    admin: { host: server.socketFolder, port: server.port, user: server.user },
    tenant: { host: server.host, port: server.port },
  })
  await prepareServer(administration)
  const places = machinePlaces(stateDir)
  await mkdir(places.staging, { recursive: true, mode: 0o700 })
  await mkdir(resultsFolder(stateDir))
  const results = createResults(resultsFolder(stateDir))
  const deps: TaskDeps = {
    administration,
    results,
    filestore: places,
    runtimes: () => undefined,
    log: silent,
    now: () => new Date(),
  }
  const bench: Bench = {
    server,
    stateDir,
    administration,
    places,
    results,
    deps,
    task: (name, argv, overrides = {}) =>
      runTask(name, argv, {
        deps: { ...deps, ...overrides },
        signal: AbortSignal.timeout(300_000),
      }),
    async importTemplate(major, set = 'biz') {
      const database = templateDatabaseName('basic', major, domains)
      await bench.task('template', templateArgv(major, set))
      return database
    },
    async ask(database, statement, values = []) {
      const connection = await administration.connect(database)
      try {
        const rows = await connection.query(statement, values)
        return rows.map((row) => Object.values(row)[0])
      } finally {
        await connection.end()
      }
    },
    async databases() {
      const rows = await bench.ask('postgres', 'SELECT datname FROM pg_database ORDER BY 1')
      return rows
        .map(String)
        .filter((name) => !['postgres', 'template0', 'template1', 'pulse'].includes(name))
    },
    async [Symbol.asyncDispose]() {
      await server.stop()
      await rm(stateDir, { recursive: true, force: true })
    },
  }
  return bench
}

export function resultsFolder(stateDir: string): string {
  return join(stateDir, 'results')
}

export function templateArgv(major: OdooMajor, set: string): readonly string[] {
  return [
    '--action=import',
    `--template=basic-${major}`,
    '--edition=basic',
    `--major=${major}`,
    `--database=${templateDatabaseName('basic', major, domains)}`,
    `--dump=${join(fixtures, `odoo${major}-${set}.dump`)}`,
    `--filestore=${join(fixtures, `odoo${major}-${set}.filestore.tar.gz`)}`,
    '--namespace=crossplane-system',
    `--facts=basic-${major}-facts`,
  ]
}

export interface TestEnvironment {
  readonly uid: string
  readonly names: ReturnType<typeof environmentNames>
  readonly claimArgv: readonly string[]
  dropArgv(retainDays: number): readonly string[]
  /** Key of the administrator's Secret in the results. */
  readonly credentials: string
  readonly databaseSecret: string
}

/** An environment as compositions would ask for it, with its volume made. */
export async function makeEnvironment(
  bench: Bench,
  client: string,
  options: { hosting?: 'pool' | 'instance'; major?: OdooMajor; uid?: string } = {},
): Promise<TestEnvironment> {
  const { hosting = 'pool', major = '18', uid = randomUUID() } = options
  const names = environmentNames({ client, name: 'prod', odooVersion: major, hosting }, domains)
  const filestoreClaim = `${names.namespace}/odoo-filestore`
  await mkdir(bench.places.volume(filestoreClaim), { recursive: true, mode: 0o700 })
  return {
    uid,
    names,
    credentials: `${names.namespace}/${names.credentials}`,
    databaseSecret: `${names.namespace}/${names.databaseSecret}`,
    claimArgv: [
      `--environment=${names.resource}`,
      `--environment-uid=${uid}`,
      `--client=${client}`,
      '--name=prod',
      `--major=${major}`,
      `--hosting=${hosting}`,
      '--source=template',
      '--edition=basic',
      `--database=${names.database}`,
      `--role=${names.role}`,
      `--namespace=${names.namespace}`,
      `--credentials-secret=${names.credentials}`,
      `--database-secret=${names.databaseSecret}`,
      `--facts=${names.facts}`,
      `--postgres-host=${bench.server.host}`,
      `--postgres-port=${bench.server.port}`,
      `--owner-email=ceo@${environmentLabel(client, 'prod')}.test`,
      `--owner-name=${client} Ltd's "best"`,
      '--language=bg_BG',
      '--timezone=Europe/Sofia',
      '--currency=EUR',
      '--country=BG',
      `--base-url=http://${names.hostname}:8080`,
      `--filestore-claim=${filestoreClaim}`,
    ],
    dropArgv: (retainDays) => [
      `--environment=${names.resource}`,
      `--environment-uid=${uid}`,
      `--hosting=${hosting}`,
      `--database=${names.database}`,
      `--role=${names.role}`,
      `--filestore-claim=${filestoreClaim}`,
      `--retain-days=${retainDays}`,
    ],
  }
}

export function fillArgv(id: string, major: OdooMajor, hosting: 'pool' | 'instance') {
  return [`--id=${id}`, '--edition=basic', `--major=${major}`, `--hosting=${hosting}`]
}

export async function makePoolRole(bench: Bench, major: OdooMajor): Promise<string> {
  const { role, namespace, databaseSecret } = poolNames(major)
  await bench.task('pool-role', [
    `--major=${major}`,
    `--role=${role}`,
    `--namespace=${namespace}`,
    `--database-secret=${databaseSecret}`,
    `--postgres-host=${bench.server.host}`,
    `--postgres-port=${bench.server.port}`,
  ])
  return `${namespace}/${databaseSecret}`
}

/** One statement with what a worker would have: the role and password of a Secret, by TCP. */
export async function askAsWorker(
  bench: Bench,
  secret: string,
  database: string,
  statement: string,
): Promise<unknown> {
  const values = bench.results.read(secret)
  const client = new pg.Client({
    host: values?.PGHOST,
    port: Number(values?.PGPORT),
    user: values?.PGUSER,
    password: values?.PGPASSWORD,
    database,
    connectionTimeoutMillis: 5_000,
  })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query({ text: statement, rowMode: 'array' })
    return rows[0]?.[0]
  } finally {
    await client.end()
  }
}
