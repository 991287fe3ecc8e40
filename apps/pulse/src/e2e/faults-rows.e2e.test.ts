import { expect, test } from 'vitest'
import { pulseOfTest } from './pulse-under-test.suite.ts'
import { createTenant, visit } from './tenant.suite.ts'
import { administratorOf, conditionOf, environmentRef } from './tenants-under-test.suite.ts'

const patience = { timeout: 60_000, interval: 100 }
const names = ['whole', 'emptied', 'shapeless'] as const

test('rows of the store that are damaged are told by their names, the rest goes on, and what is mended serves again', async () => {
  let pulse = await pulseOfTest()
  for (const name of names) {
    await createTenant(pulse, name, '--tier', 'pro', '--hosting', 'instance')
  }
  const visitTo = async (name: string) => await visit(pulse, `${name}.localhost`)
  const sql = await administratorOf(pulse)
  const damage = (kind: string, name: string, value: string) =>
    sql('pulse', `UPDATE object SET object = ${value} WHERE kind = '${kind}' AND name = '${name}'`)
  await sql('pulse', 'CREATE TABLE kept AS SELECT kind, namespace, name, object FROM object')
  await damage('TenantEnvironment', 'emptied-prod', `'{}'`)
  await damage('Deployment', 'odoo-shapeless', `jsonb_set(object::jsonb, '{metadata}', '7')::json`)
  await damage('PLANAClient', 'emptied', `jsonb_set(object::jsonb, '{spec}', '7')::json`)

  // What was kept in memory hides nothing.
  await pulse.kill('SIGKILL')
  pulse = await pulseOfTest({ stateDir: pulse.stateDir })
  expect(await (await visitTo('whole')).get('/web/login')).toMatchObject({ status: 200 })
  await createTenant(pulse, 'later', '--tier', 'pro', '--hosting', 'instance')
  expect(await (await visitTo('later')).get('/web/login')).toMatchObject({ status: 200 })

  const told = [
    'the row of TenantEnvironment emptied-prod in the store holds no object',
    'the row of Deployment instance-shapeless/odoo-shapeless in the store holds no object',
  ]
  const { problems } = JSON.parse((await pulse.pulse('status', '-o', 'json')).stdout)
  for (const words of told) expect(problems).toContainEqual(expect.stringContaining(words))
  const objects = await pulse.objects()
  await expect
    .poll(
      async () => (await conditionOf(objects, environmentRef('shapeless'), 'Synced'))?.message,
      patience,
    )
    .toContain(told[1])
  const { stdout } = await pulse.pulse('get', 'tenantenvironment')
  for (const name of ['whole', 'shapeless', 'later']) {
    expect(stdout).toContain(`${name}-prod`)
  }

  await sql(
    'pulse',
    `UPDATE object SET object = kept.object FROM kept
      WHERE (kept.kind, kept.namespace, kept.name) = (object.kind, object.namespace, object.name)
        AND (kept.kind, kept.name) IN (('PLANAClient', 'emptied'), ('TenantEnvironment', 'emptied-prod'), ('Deployment', 'odoo-shapeless'))`,
  )
  await pulse.kill('SIGKILL')
  pulse = await pulseOfTest({ stateDir: pulse.stateDir })
  for (const name of names) {
    const visitor = await visitTo(name)
    await expect.poll(async () => (await visitor.get('/web/login')).status, patience).toBe(200)
  }
  const after = JSON.parse((await pulse.pulse('status', '-o', 'json')).stdout)
  expect(after.problems).toEqual([])
})
