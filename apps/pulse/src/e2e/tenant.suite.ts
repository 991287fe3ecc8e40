import { stat } from 'node:fs/promises'
import { apiVersion, type KubeObject } from '@pulse/api'
import {
  type Administration,
  adminConnection,
  createAdministration,
  socketFolder,
  withConnection,
} from '@pulse/odoo'
import { createVisitor, type Visitor } from '@pulse/testing'
import { expect } from 'vitest'
import { openMachine } from '../installation/machine.ts'
import { openStateDirectory } from '../installation/state-directory.ts'
import type { PulseUnderTest } from './pulse-under-test.suite.ts'

export interface Tenant {
  readonly name: string
  readonly url: string
  readonly hostname: string
  readonly login: string
  readonly password: string
}

/** `pulse create NAME`, with an owner of that name unless the flags say otherwise. */
export async function createTenant(
  pulse: PulseUnderTest,
  name: string,
  ...flags: readonly string[]
): Promise<Tenant> {
  const owner = flags.includes('--owner') ? [] : ['--owner', `owner@${name}.example`]
  const result = await pulse.pulse('create', name, ...owner, ...flags, '-o', 'json')
  if (result.exitCode !== 0) throw new Error(`${result.stderr}\n${pulse.stderr()}`)
  const tenant = JSON.parse(result.stdout)
  return { ...tenant, hostname: new URL(tenant.url).hostname }
}

/** A browser with no cookies yet, through the gateway; it names the port as browsers do. */
export async function visit(pulse: PulseUnderTest, hostname: string): Promise<Visitor> {
  const port = await pulse.httpPort()
  return createVisitor(port, `${hostname}:${port}`)
}

/** Of whoever comes through the gateway, Pulse's own addresses of a server hear nothing, and it goes on serving. */
export async function expectNoWayToServers(visitor: Visitor, other: string) {
  const body = JSON.stringify({ database: other })
  for (const path of ['/plana/seal?timeout=0', '/plana/cron', '//plana/seal', '/%70lana/cron']) {
    const answer = await visitor.post(path, body, { accept: 'application/json' })
    expect(answer.status).toBe(404)
    expect(JSON.parse(answer.text)).toMatchObject({ type: expect.stringMatching(/control-path$/) })
  }
  expect((await visitor.get(`/plana/ready?host=${other}`)).status).toBe(404)
  expect((await visitor.get('/web/login')).status).toBe(200)
}

/** Where this Pulse's PostgreSQL is, for its administrator and for tenants. */
export async function postgresOf({ stateDir }: PulseUnderTest) {
  const { record, postgresAddress } = await openMachine(await openStateDirectory(stateDir))
  return adminConnection({
    run: socketFolder(stateDir),
    listenAddress: postgresAddress,
    port: record.postgresPort,
  })
}

/** The administrator of this Pulse's PostgreSQL. */
export async function administrationOf(pulse: PulseUnderTest): Promise<Administration> {
  return createAdministration(await postgresOf(pulse))
}

/** Asks Pulse's PostgreSQL as its administrator. */
export async function query(
  pulse: PulseUnderTest,
  text: string,
  values: readonly unknown[] = [],
  database = 'postgres',
) {
  return await withConnection(await administrationOf(pulse), { database }, (connection) =>
    connection.query(text, values),
  )
}

export interface Worker {
  readonly pid: number
  readonly uid: number
  readonly podName: string
}

/** The processes of the Odoo workers of a namespace, by the addresses of their pods. */
export async function workersIn(
  pulse: PulseUnderTest,
  namespace: string,
): Promise<readonly Worker[]> {
  const objects = await pulse.objects()
  const { items } = await objects.list({ apiVersion: 'v1', kind: 'Pod', namespace, limit: 100 })
  const { processesOf } = await import('./processes-of-state.suite.ts')
  const processes = await processesOf(pulse.stateDir)
  return await Promise.all(
    items.flatMap((pod) =>
      processes
        .filter(({ command }) => command.includes(`--http-interface=${podIpOf(pod)} `))
        .map(async ({ pid }) => ({
          pid,
          uid: (await stat(`/proc/${pid}`)).uid,
          podName: pod.metadata.name,
        })),
    ),
  )
}

function podIpOf({ status }: KubeObject): string {
  return typeof status === 'object' && status !== null && 'podIP' in status
    ? String(status.podIP)
    : 'none'
}

export function clientRef(name: string) {
  return { apiVersion, kind: 'PLANAClient', name }
}

export function environmentRef(name: string) {
  return { apiVersion, kind: 'TenantEnvironment', name }
}

/** What a Secret says, decoded. */
export function secretValues(secret: KubeObject | undefined): Record<string, string> {
  const data = secret?.data
  if (typeof data !== 'object' || data === null) return {}
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      Buffer.from(String(value), 'base64').toString(),
    ]),
  )
}
