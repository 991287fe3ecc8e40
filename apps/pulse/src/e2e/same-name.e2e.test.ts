import { readdir } from 'node:fs/promises'
import { retainDaysAnnotation } from '@pulse/compositions'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import {
  administrationOf,
  clientRef,
  createTenant,
  environmentRef,
  query,
  type Tenant,
  visit,
  workersIn,
} from './tenant.suite.ts'

const patience = { timeout: 60_000, interval: 100 }
const firstOwner = ['--owner', 'first@before.example', '--company', 'Company Before']
let pulse: PulseUnderTest

beforeAll(async () => {
  pulse = await startPulse()
})
afterAll(() => pulse.cleanUp())

test('a name given again on a warm worker shows nothing of its first owner', async () => {
  const before = await createTenant(pulse, 'twin', ...firstOwner)
  const oldVisitor = await visit(pulse, before.hostname)
  await oldVisitor.logIn(before.login, before.password)
  expect(await everythingShown(before, oldVisitor.cookie())).toContain('Company Before')
  const secrets = await secretsOf(before)
  const uid = await uidOf('twin-prod')
  const worker = await workersIn(pulse, 'plana-odoo-18')

  await pulse.pulse('delete', 'planaclient', 'twin')
  const after = await createTenant(pulse, 'twin', '--owner', 'second@after.example')
  expect(await workersIn(pulse, 'plana-odoo-18')).toEqual(worker)

  const shown = await everythingShown(after, oldVisitor.cookie())
  expect(shown).toContain('second@after.example')
  const traces = ['before', 'Before', before.password, ...secrets]
  expect(traces.filter((trace) => shown.includes(trace))).toEqual([])
  const stranger = await visit(pulse, after.hostname)
  expect((await stranger.logIn(before.login, before.password)).status).toBe(200)

  // What is kept of the first is there for an undo, and for nobody to connect to.
  const administration = await administrationOf(pulse)
  await expect(administration.connect(`~${uid}`)).rejects.toMatchObject({ code: '55000' })
})

test.each(['pool', 'instance'] as const)(
  'of a tenant without retention nothing is left: %s',
  async (hosting) => {
    const name = `gone-${hosting}`
    const objects = await pulse.objects()
    await createTenant(pulse, name, '--tier', 'pro', '--hosting', hosting)
    const uid = await uidOf(`${name}-prod`)
    await objects.patch(
      clientRef(name),
      { type: 'merge', patch: { spec: { deletionPolicy: { retainDays: 0 } } } },
      { fieldManager: 'test' },
    )
    await vi.waitUntil(async () => (await retentionOf(`${name}-prod`)) === '0', patience)
    await pulse.pulse('delete', 'planaclient', name)

    await vi
      .waitUntil(async () => (await remainsOf(name, uid)).length === 0, patience)
      .catch(async () => expect(await remainsOf(name, uid)).toEqual([]))
  },
)

/** Every answer of the tenant that could carry a word of its owner, to strangers, to old cookies and to the owner. */
async function everythingShown({ hostname, login, password }: Tenant, oldCookie: string) {
  const visitor = await visit(pulse, hostname)
  const headers = { cookie: oldCookie }
  const answers = [
    await visitor.get('/web/login'),
    await visitor.get('/web/image/res.company/1/logo'),
    await visitor.get('/web/login', headers),
    await visitor.get('/web', headers),
    await visitor.get('/odoo', headers),
    await visitor.post('/web/session/get_session_info', '{"params":{}}', {
      ...headers,
      'content-type': 'application/json',
    }),
    await visitor.logIn(login, password),
    await visitor.get('/odoo'),
  ]
  const session = await visitor.json('/web/session/get_session_info', {})
  const uid = /<int>(\d+)<\/int>/.exec(
    await visitor.xmlRpc('/xmlrpc/2/common', 'authenticate', hostname, login, password, {}),
  )?.[1]
  const records = await Promise.all(
    ['res.company', 'res.users', 'res.partner', 'ir.config_parameter'].map((model) =>
      visitor.xmlRpc(
        '/xmlrpc/2/object',
        'execute_kw',
        ...[hostname, Number(uid), password, model, 'search_read', [[]], {}],
      ),
    ),
  )
  return [...answers.map(({ text }) => text), JSON.stringify(session), ...records].join('\n')
}

/** What a database alone knows. */
async function secretsOf({ hostname }: Tenant): Promise<readonly string[]> {
  const rows = await query(
    pulse,
    `SELECT value FROM ir_config_parameter WHERE key IN ('database.uuid', 'database.secret')`,
    [],
    hostname,
  )
  return rows.map(({ value }) => String(value))
}

async function uidOf(environment: string): Promise<string> {
  const objects = await pulse.objects()
  return (await objects.get(environmentRef(environment)))?.metadata.uid ?? ''
}

async function retentionOf(environment: string): Promise<string | undefined> {
  const objects = await pulse.objects()
  const found = await objects.get(environmentRef(environment))
  return found?.metadata.annotations?.[retainDaysAnnotation]
}

/** Databases, roles, folders, resources and rows that still bear the name or the uid of a tenant. */
async function remainsOf(name: string, uid: string): Promise<readonly string[]> {
  const objects = await pulse.objects()
  const rows = await query(
    pulse,
    `SELECT 'database ' || datname AS what FROM pg_database WHERE datname LIKE '%' || $1 || '%' OR datname LIKE '%' || $2 || '%'
     UNION ALL SELECT 'role ' || rolname FROM pg_roles WHERE rolname LIKE '%' || $1 || '%' OR rolname LIKE '%' || $2 || '%'`,
    [name, uid],
  )
  const tombstones = await query(
    pulse,
    'SELECT 1 FROM odoo.tombstone WHERE environment_uid = $1',
    [uid],
    'pulse',
  )
  const kinds = ['Secret', 'ConfigMap', 'Namespace', 'PersistentVolumeClaim', 'Pod'] as const
  const lists = await Promise.all(
    kinds.map((kind) => objects.list({ apiVersion: 'v1', kind, limit: 1000 })),
  )
  const folders = await readdir(pulse.stateDir, { recursive: true })
  const isOf = (text: string) => text.includes(name) || text.includes(uid)
  return [
    ...rows.map(({ what }) => String(what)),
    ...tombstones.map(() => 'row of the tombstone'),
    ...lists.flatMap(({ items }) =>
      items
        .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)
        .filter((what) => isOf(what) && !what.startsWith('Pod crossplane-system/')),
    ),
    ...folders.filter((path) => isOf(path) && !path.startsWith('pods/')),
  ]
}
