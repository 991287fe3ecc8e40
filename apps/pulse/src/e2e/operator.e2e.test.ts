import { beforeAll, expect, test } from 'vitest'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import { createTenant, visit } from './tenant.suite.ts'

let pulse: PulseUnderTest
beforeAll(async () => {
  pulse = await startPulse()
  return pulse.cleanUp
})

test('who watches a machine sees its tenants, what they use, whether it is ready, and what is left after its death', async () => {
  await createTenant(pulse, 'acme', '--hosting', 'instance')
  const visitor = await visit(pulse, 'acme.localhost')
  expect(await visitor.get('/web/login')).toMatchObject({ status: 200 })

  const status = await pulse.pulse('status', '-o', 'json')
  expect(JSON.parse(status.stdout)).toMatchObject({
    ...{ isRunning: true, clients: 1, readyClients: 1, environments: 1, awakeEnvironments: 1 },
    ...{ waiting: [], problems: [], runtimes: [{ major: '18', standIn: true }] },
  })
  const top = await pulse.pulse('top', '-o', 'json')
  const [row] = JSON.parse(top.stdout).rows
  expect(row).toMatchObject({ name: 'acme-prod', hosting: 'instance', state: 'awake', pods: 1 })
  expect(row.memoryBytes).toBeGreaterThan(2 ** 20)
  expect(row.requests).toBeGreaterThan(0)

  const { metrics } = (await pulse.running()) ?? {}
  const ready = await fetch(`${metrics}/readyz?verbose`)
  expect(await ready.text()).toBe(
    '[+]ping ok\n[+]store ok\n[+]controllers ok\n[+]gateway ok\n[+]disks ok\nreadyz check passed\n',
  )

  await pulse.kill('SIGKILL')
  const left = await pulse.pulse('status', '-o', 'json')
  expect(left.exitCode).toBe(4)
  expect(JSON.parse(left.stdout)).toMatchObject({
    ...{ isRunning: false, isBetween: false, isPostgresRunning: true },
    pods: expect.arrayContaining([expect.objectContaining({ namespace: 'instance-acme' })]),
  })
})
