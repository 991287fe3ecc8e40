import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createClientKinds, type KubeObject } from '@pulse/api'
import type { ObjectsClient } from '@pulse/engine'
import { adminConnection, createAdministration, socketFolder, withConnection } from '@pulse/odoo'
import { connectTo } from '../../apps/pulse/src/commands/connect.ts'
import { readConfig } from '../../apps/pulse/src/config.ts'
import { openIdentity } from '../../apps/pulse/src/installation/identity.ts'
import { openMachine } from '../../apps/pulse/src/installation/machine.ts'
import { openStateDirectory } from '../../apps/pulse/src/installation/state-directory.ts'
import { readRunning } from '../../apps/pulse/src/server/running.ts'
import { makeOwnState } from './own-state.ts'

/** A Pulse of its own, with a template that is as large as a customer's. */
export interface Bench extends AsyncDisposable {
  readonly objects: ObjectsClient
  readonly stateDir: string
  /** Where its PostgreSQL listens. */
  readonly postgres: { readonly host: string; readonly port: number }
  readonly httpPort: number
  /** What answers as Odoo. */
  readonly runtime: string
  readonly template: string
  /** One statement as the administrator. */
  query(database: string, statement: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** What Pulse tells Prometheus. */
  metrics(): Promise<string>
  /** Runs `pulse ARGS`. */
  pulse(...args: readonly string[]): Promise<void>
}

/** A real Odoo 18 to be measured, if one was named. */
export interface RealOdoo {
  readonly source: string
  readonly python: string
}

export function realOdoo(): RealOdoo | undefined {
  const source = process.env.PLANA_TEST_ODOO_18
  if (source === undefined) return undefined
  return { source, python: process.env.PLANA_TEST_PYTHON ?? '/usr/bin/python3' }
}

const root = join(import.meta.dirname, '..', '..')
const main = join(root, 'apps/pulse/src/main.ts')
const fixtures = process.env.PLANA_FIXTURES ?? join(root, '..', 'shared', 'fixtures')

export async function openBench(settings: Readonly<Record<string, string>> = {}): Promise<Bench> {
  const { stateDir, env } = await makeOwnState(settings)
  const server = spawn(process.execPath, [main, 'up'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const running = await until('Pulse runs', () => {
    if (server.exitCode !== null) throw new Error(`Pulse ended with ${server.exitCode}`)
    return readRunning(stateDir)
  })
  const objects = await connectTo(readConfig({ stateDir }), createClientKinds())
  const state = await openStateDirectory(stateDir)
  const { token } = await openIdentity(state, new Date())
  const { record, postgresAddress } = await openMachine(state)
  const port = record.postgresPort
  const administration = createAdministration(
    adminConnection({ run: socketFolder(stateDir), listenAddress: postgresAddress, port }),
  )
  const pulse = async (...args: readonly string[]) => {
    const child = spawn(process.execPath, [main, ...args], { env, stdio: 'inherit' })
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`pulse ${args.join(' ')} ended with ${code}`)
  }
  const odoo = realOdoo()
  if (odoo !== undefined) {
    await pulse('runtime', 'add', '18', '--path', odoo.source, '--python', odoo.python)
  }
  const hasFixtures = existsSync(join(fixtures, 'odoo18-biz.dump'))
  for (const edition of ['basic', 'pro'])
    await makeTemplate(edition, hasFixtures, { objects, pulse })
  await withConnection(administration, { database: 'postgres' }, (connection) =>
    connection.query('CHECKPOINT'),
  )
  return {
    objects,
    stateDir,
    postgres: { host: postgresAddress, port },
    pulse,
    metrics: () => readMetrics(`${running.metrics}/metrics`, token),
    httpPort: Number(new URL(running.gateway).port),
    runtime:
      odoo === undefined ? 'stand-in for Odoo 18 (burns the CPU of the real one)' : 'Odoo 18',
    template: hasFixtures ? 'odoo18-biz (71 modules, 50 MB)' : 'the stand-in’s own small database',
    query: (database, statement) =>
      withConnection(administration, { database }, (connection) => connection.query(statement)),
    async [Symbol.asyncDispose]() {
      await objects.close()
      server.kill('SIGINT')
      await once(server, 'exit')
      await rm(stateDir, { recursive: true, force: true })
    },
  }
}

async function makeTemplate(
  edition: string,
  hasFixtures: boolean,
  { objects, pulse }: Pick<Bench, 'objects' | 'pulse'>,
) {
  if (hasFixtures) {
    const file = (ending: string) => join(fixtures, `odoo18-biz.${ending}`)
    await pulse(
      ...['template', 'import', '18', '--edition', edition],
      ...['--dump', file('dump'), '--filestore', file('filestore.tar.gz')],
    )
  }
  await until(`template ${edition}-18 is ready`, async () => {
    const template = await objects.get({
      apiVersion: 'planapulse.com/v1alpha1',
      kind: 'TemplateSnapshot',
      name: `${edition}-18`,
    })
    return isReady(template) ? true : undefined
  })
}

export async function readMetrics(url: string, token: string): Promise<string> {
  const answer = await fetch(url, {
    headers: { Authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(10_000),
  })
  if (!answer.ok) throw new Error(`the metrics are not told: ${answer.status}`)
  return await answer.text()
}

export function isReady(object: KubeObject | undefined): boolean {
  const status = object?.status
  if (typeof status !== 'object' || status === null || !('conditions' in status)) return false
  const { conditions } = status
  return (
    Array.isArray(conditions) &&
    conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True')
  )
}

export const limitMs = 300_000

export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
  everyMs = 100,
): Promise<T> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`not within ${limitMs / 1000} s: ${what}`)
    await delay(everyMs)
  }
}
