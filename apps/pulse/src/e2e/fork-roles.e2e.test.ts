import { join } from 'node:path'
import { expect, test } from 'vitest'
import { forkParentOf } from './forked.suite.ts'
import { tryInTenant, tryOutside } from './in-tenant.suite.ts'
import { type PulseUnderTest, pulseOfTest } from './pulse-under-test.suite.ts'
import { createTenant, postgresOf, secretValues, workersIn } from './tenant.suite.ts'
import type { Login } from './tenant-code.suite.ts'

const refused = /permission denied|password authentication failed|rejects connection|EACCES/
const asRoot = process.getuid?.() === 0

test.skipIf(!asRoot)(
  'code in a fork logs in as its own role alone, and into its own database alone (needs root)',
  async () => {
    const pulse = await pulseOfTest()
    const victim = await forkedTenant(pulse, 'victim')
    const spy = await forkedTenant(pulse, 'spy')
    const { admin, tenant } = await postgresOf(pulse)
    const { host = '', port = 0, user = '' } = admin
    const own = { ...tenant, ...spy.login, database: 'spy.localhost' }
    const socket = { ...own, host, port, user, database: 'postgres' }
    const logins: Record<string, Login> = {
      itself: own,
      'its sibling’s database': { ...own, database: 'victim.localhost' },
      'Pulse’s register': { ...own, database: 'pulse' },
      'the template': { ...own, database: 'template1' },
      'its sibling’s role': { ...own, user: victim.login.user, database: 'victim.localhost' },
      'its sibling’s role, taken': { ...own, statement: `SET ROLE "${victim.login.user}"` },
      'the reader’s role': { ...own, user: 'pulse_reader' },
      'the administrator': { ...own, user, database: 'postgres' },
      'the administrator’s socket': socket,
      'its own role at that socket': { ...own, host, port },
    }
    const secret = [
      'token',
      'kubeconfig',
      'machine.json',
      'postgres/run',
      'volumes/instance-victim',
    ]
    const files = [
      `/proc/${victim.worker.pid}/environ`,
      ...secret.map((path) => join(pulse.stateDir, path)),
    ]

    const { itself, ...others } = await tryInTenant(spy.worker, { logins, files })
    expect(itself).toBe('done')
    expect(Object.keys(others)).toHaveLength(Object.keys(logins).length - 1 + files.length)
    for (const [name, outcome] of Object.entries(others)) expect(outcome, name).toMatch(refused)
    // The attempts are real: whoever has the rights gets in everywhere.
    const asOperator = await tryOutside({ logins: { socket }, files })
    for (const [name, outcome] of Object.entries(asOperator)) {
      expect(outcome, name).toBe('done')
    }
  },
)

async function forkedTenant(pulse: PulseUnderTest, name: string) {
  await createTenant(pulse, name, '--tier', 'pro', '--hosting', 'instance')
  const namespace = `instance-${name}`
  const [worker] = await workersIn(pulse, namespace)
  if (worker === undefined) throw new Error(`no worker in ${namespace}`)
  expect(await forkParentOf(worker.pid)).toBeGreaterThan(1)
  const objects = await pulse.objects()
  const ref = { apiVersion: 'v1', kind: 'Secret', namespace, name: 'odoo-secrets' }
  const { PGUSER = '', PGPASSWORD = '' } = secretValues(await objects.get(ref))
  return { worker, login: { user: PGUSER, password: PGPASSWORD } }
}
