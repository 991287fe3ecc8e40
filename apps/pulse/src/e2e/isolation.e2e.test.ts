import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { recordOf } from '@pulse/api'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Outcomes, tryInTenant, tryOutside } from './in-tenant.suite.ts'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import { createTenant, postgresOf, secretValues, type Worker, workersIn } from './tenant.suite.ts'
import type { Attempts, Door, Login } from './tenant-code.suite.ts'

const asRoot = process.getuid?.() === 0

describe.skipIf(!asRoot)('code of a tenant, in its process and as its user (needs root)', () => {
  let pulse: PulseUnderTest
  let isFirewalled: boolean
  let attempts: Required<Attempts>
  let inside: Outcomes
  let outside: Outcomes

  beforeAll(async () => {
    pulse = await startPulse()
    const spy = await instance('spy')
    const victim = await instance('victim')
    const { machine } = JSON.parse((await pulse.pulse('status', '-o', 'json')).stdout)
    const { status } = machine.find(({ type }: { type: string }) => type === 'Isolated')
    isFirewalled = status === 'True'
    attempts = {
      logins: await loginsOf(spy.login, victim.login),
      files: await filesOf(victim),
      writes: [join(pulse.stateDir, 'planted'), `/proc/${victim.worker.pid}/oom_score_adj`],
      signals: {
        'the process of another tenant': victim.worker.pid,
        'Pulse’s process': pulse.pid,
        'PostgreSQL’s process': await postgresPid(),
      },
      doors: await doorsOf(victim),
    }
    inside = await tryInTenant(spy.worker, attempts)
    const { logins, ...others } = attempts
    const socket = logins['the administrator’s socket']
    outside = await tryOutside({ ...others, logins: socket ? { socket } : {} })
    return pulse.cleanUp
  })

  interface Instance {
    readonly worker: Worker
    readonly address: string
    readonly login: { readonly user: string; readonly password: string }
  }

  async function instance(name: string): Promise<Instance> {
    await createTenant(pulse, name, '--tier', 'pro', '--hosting', 'instance')
    const namespace = `instance-${name}`
    const [worker] = await workersIn(pulse, namespace)
    if (worker === undefined) throw new Error(`no worker in ${namespace}`)
    const objects = await pulse.objects()
    const pod = { apiVersion: 'v1', kind: 'Pod', namespace, name: worker.podName }
    const address = String(recordOf((await objects.get(pod))?.status).podIP)
    const secret = { apiVersion: 'v1', kind: 'Secret', namespace, name: 'odoo-secrets' }
    const { PGUSER = '', PGPASSWORD = '' } = secretValues(await objects.get(secret))
    return { worker, address, login: { user: PGUSER, password: PGPASSWORD } }
  }

  async function postgresPid(): Promise<number> {
    const file = await readFile(join(pulse.stateDir, 'postgres/data/postmaster.pid'), 'utf8')
    return Number(file.split('\n')[0])
  }

  async function loginsOf(spy: Instance['login'], victim: Instance['login']) {
    const { admin, tenant } = await postgresOf(pulse)
    const { host = '', port = 0, user = '' } = admin
    const own = { ...tenant, ...spy, database: 'spy.localhost' }
    const logins: Record<string, Login> = {
      'its own database': own,
      'the database of another tenant': { ...own, database: 'victim.localhost' },
      'the role of another tenant': { ...own, user: victim.user, database: 'victim.localhost' },
      'Pulse’s own database': { ...own, database: 'pulse' },
      'the administrator by password': { ...own, user, database: 'postgres' },
      'the administrator’s socket': { ...own, host, port, user, database: 'postgres' },
    }
    return logins
  }

  async function filesOf({ worker }: Instance): Promise<readonly string[]> {
    const { pid, podName } = worker
    const objects = await pulse.objects()
    const namespace = 'instance-victim'
    const pod = await objects.get({ apiVersion: 'v1', kind: 'Pod', namespace, name: podName })
    const secrets = createHash('sha256').update(pulse.stateDir).digest('hex').slice(0, 16)
    const own = [
      ...['token', 'kubeconfig', 'machine.json', 'running.json', 'ca', 'histories', 'pods'],
      ...['volumes', `volumes/${namespace}`, 'postgres/data', 'postgres/run', '.tombstones'],
      ...[`pods/${pod?.metadata.uid}/pod.json`, `pods/${pod?.metadata.uid}/logs`],
    ]
    return [
      ...own.map((path) => join(pulse.stateDir, path)),
      ...[`/dev/shm/pulse-${secrets}`, pulse.stateDir],
      ...['environ', 'maps', 'cwd', 'root', 'fd'].map((file) => `/proc/${pid}/${file}`),
      ...['environ', 'fd'].map((file) => `/proc/${pulse.pid}/${file}`),
    ]
  }

  async function doorsOf({ address }: Instance): Promise<Readonly<Record<string, Door>>> {
    const { api = '', gateway = '', metrics = '' } = (await pulse.running()) ?? {}
    const loopback = (url: string) => ({ host: '127.0.0.1', port: Number(new URL(url).port) })
    return {
      'the process of another tenant, by its address': { host: address, port: 8069 },
      'the API': loopback(api),
      'the gateway': loopback(gateway),
      'the metrics': loopback(metrics),
    }
  }

  const refused = /EACCES|EPERM|permission denied|password authentication failed|rejects connection/

  test('gets into its own database, and by no way into another or to the administrator', () => {
    const { 'its own database': own, ...others } = attempts.logins
    expect(own && inside['its own database']).toBe('done')
    for (const name of Object.keys(others)) expect(inside[name], name).toMatch(refused)
    expect(outside.socket).toBe('done')
  })

  test('reads no file of another tenant, of Pulse or of PostgreSQL, and nothing of their processes', () => {
    // Of the machine's memory it sees nothing at all.
    const hidden = new RegExp(`${refused.source}|ENOENT`)
    for (const path of attempts.files) expect(inside[path], path).toMatch(hidden)
    for (const path of attempts.files) expect(outside[path], path).toBe('done')
  })

  test('writes nothing there, and sends them no signal', () => {
    const names = [...attempts.writes, ...Object.keys(attempts.signals)]
    for (const name of names) expect(inside[name], name).toMatch(refused)
    for (const name of Object.keys(attempts.signals)) expect(outside[name], name).toBe('done')
  })

  test('comes to no port of another tenant or of Pulse; where it does, the machine says that it is not isolated', () => {
    for (const name of Object.keys(attempts.doors)) {
      if (isFirewalled) expect(inside[name], name).toMatch(/ECONNREFUSED/)
      else expect(inside[name], name).toBe('done')
      expect(outside[name], name).toBe('done')
    }
  })

  test('where it comes to them all the same, the API and the metrics of a tenant ask for a token', async () => {
    const { metrics = '' } = (await pulse.running()) ?? {}
    for (const path of ['/status', '/top', '/figures/victim-prod']) {
      expect(await fetch(`${metrics}${path}`), path).toMatchObject({ status: 401 })
    }
    const { stdout } = await pulse.pulse('status')
    expect(stdout).toMatch(isFirewalled ? /Isolated \(OwnUser/ : /not Isolated \(NoNftables\)/)
  })
})
