import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { apiVersion, type KubeObject, type ObjectRef } from '@pulse/api'
import type { Objects, ObjectsClient } from '@pulse/engine'
import { adminConnection, createAdministration, socketFolder, withConnection } from '@pulse/odoo'
import { expect, vi } from 'vitest'
import { findCondition } from '../commands/conditions.ts'
import { readLogin } from '../commands/login.ts'
import { openMachine } from '../installation/machine.ts'
import { openStateDirectory } from '../installation/state-directory.ts'
import { processesOf } from './processes-of-state.suite.ts'
import type { PulseUnderTest } from './pulse-under-test.suite.ts'

/** What the other parts of a failing machine may take. */
const patience = { timeout: 120_000, interval: 50 }

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
}

export const clientRef = (name: string): ObjectRef => ({ apiVersion, kind: 'PLANAClient', name })
export const environmentRef = (name: string): ObjectRef => ({
  apiVersion,
  kind: 'TenantEnvironment',
  name: `${name}-prod`,
})

/** A tenant as an operator would write it. */
export function tenant(name: string, spec: Readonly<Record<string, unknown>> = {}): KubeObject {
  return {
    apiVersion,
    kind: 'PLANAClient',
    metadata: { name },
    spec: {
      subdomain: name,
      projectId: 1,
      ownerEmail: `owner@${name}.example`,
      ownerName: `${name} Ltd`,
      ...spec,
    },
  }
}

/** A refusal for want of a store or of a server passes: whoever waits asks again. */
export async function read(
  objects: Pick<Objects, 'get'>,
  ref: ObjectRef,
): Promise<KubeObject | 'no answer' | undefined> {
  try {
    return await objects.get(ref)
  } catch {
    return 'no answer'
  }
}

export async function conditionOf(
  objects: Pick<Objects, 'get'>,
  ref: ObjectRef,
  type: string,
): Promise<Condition | undefined> {
  const object = await read(objects, ref)
  return object === 'no answer' ? undefined : findCondition(object, type)
}

export async function untilReady(objects: Pick<Objects, 'get'>, name: string): Promise<void> {
  await expect
    .poll(async () => {
      const object = await read(objects, clientRef(name))
      if (object === 'no answer') return object
      if (object === undefined) return 'not there'
      const ready = findCondition(object, 'Ready')
      return ready?.status === 'True' ? 'Ready' : `not ready: ${ready?.message}`
    }, patience)
    .toBe('Ready')
}

export async function untilGone(objects: Pick<Objects, 'get'>, name: string): Promise<void> {
  for (const ref of [environmentRef(name), clientRef(name)]) {
    await expect.poll(() => read(objects, ref), patience).toBeUndefined()
  }
}

export async function untilCondition(
  objects: Pick<Objects, 'get'>,
  ref: ObjectRef,
  wanted: Partial<Condition> & { readonly type: string },
): Promise<Condition> {
  await expect
    .poll(async () => conditionOf(objects, ref, wanted.type), patience)
    .toMatchObject(wanted)
  const condition = await conditionOf(objects, ref, wanted.type)
  if (condition === undefined) throw new Error(`condition ${wanted.type} went away`)
  return condition
}

/** Logs the owner in through the gateway, over XML-RPC; the answer is the user's number, or what came instead. */
export async function logIn(pulse: PulseUnderTest, objects: ObjectsClient, name: string) {
  const { login, password } = await readLogin(objects, `${name}-prod`)
  const host = `${name}.localhost`
  const params = [host, login, password].map((value) => `<value>${value}</value>`)
  const list = [...params, '<value><struct/></value>'].map((value) => `<param>${value}</param>`)
  const body = `<methodCall><methodName>authenticate</methodName><params>${list.join('')}</params></methodCall>`
  const answer = await ask(pulse, host, { path: '/xmlrpc/2/common', body })
  return /<int>(\d+)<\/int>/.exec(answer.text)?.[1] ?? `${answer.status} ${answer.text}`
}

export async function ask(
  pulse: PulseUnderTest,
  host: string,
  { path, body }: { readonly path: string; readonly body?: string },
): Promise<{ readonly status: number; readonly text: string }> {
  const port = await pulse.httpPort()
  const { promise, resolve, reject } = Promise.withResolvers<import('node:http').IncomingMessage>()
  const outgoing = request({
    host: '127.0.0.1',
    port,
    path,
    method: body === undefined ? 'GET' : 'POST',
    headers: { host: `${host}:${port}`, ...(body && { 'content-type': 'text/xml' }) },
    signal: AbortSignal.timeout(30_000),
    agent: false,
  })
  outgoing.once('response', resolve).once('error', reject).end(body)
  const incoming = await promise
  return { status: incoming.statusCode ?? 0, text: await text(incoming) }
}

export type Sql = (
  database: string,
  statement: string,
) => Promise<readonly Readonly<Record<string, unknown>>[]>

/** The administrator of the installation's own PostgreSQL. */
export async function administratorOf({ stateDir }: PulseUnderTest): Promise<Sql> {
  const { record, postgresAddress } = await openMachine(await openStateDirectory(stateDir))
  const administration = createAdministration(
    adminConnection({
      run: socketFolder(stateDir),
      listenAddress: postgresAddress,
      port: record.postgresPort,
    }),
  )
  return (database, statement) =>
    withConnection(administration, { database }, (connection) => connection.query(statement))
}

export async function databasesOf(sql: Sql): Promise<readonly string[]> {
  const rows = await sql('postgres', 'SELECT datname FROM pg_database ORDER BY datname')
  return rows.map(({ datname }) => String(datname))
}

/** Databases that a killed run may have left half-made. */
export async function unfinishedIn(sql: Sql): Promise<readonly string[]> {
  return (await databasesOf(sql)).filter((name) => /^(claim|filling)_/.test(name))
}

/** How many processes of this Pulse have these words in their command line. */
export async function countProcesses(stateDir: string, words: string): Promise<number> {
  const found = await processesOf(stateDir)
  return found.filter(({ command }) => command.includes(words)).length
}

/** The templates of the default major are made, so that no other task runs than those that a test asks for. */
export async function untilTemplatesReady(objects: Pick<Objects, 'list'>): Promise<void> {
  await vi.waitFor(async () => {
    const { items } = await objects.list({ apiVersion, kind: 'TemplateSnapshot' })
    const ready = items.map((item) => findCondition(item, 'Ready')?.status)
    expect(ready).toEqual(['True', 'True'])
  }, patience)
}
