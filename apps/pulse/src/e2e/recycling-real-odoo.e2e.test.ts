import type { ObjectsClient } from '@pulse/engine'
import { fixtureFiles } from '@pulse/testing'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import { odooOrFixturesMissing as missing, odooSource } from './real-odoo.suite.ts'
import { createTenant, visit } from './tenant.suite.ts'
import { keepAsking, patience, podsOf, untilSettled } from './workers-under-load.suite.ts'

const limitMs = 600_000
const place = { namespace: 'plana-odoo-18', name: 'worker-odoo' }
const version = '<?xml version="1.0"?><methodCall><methodName>version</methodName></methodCall>'

describe.skipIf(missing !== undefined)(`a real Odoo 18 (${missing ?? 'registered'})`, () => {
  let pulse: PulseUnderTest
  let objects: ObjectsClient

  beforeAll(async () => {
    pulse = await startPulse({
      env: {
        // Every Odoo is larger than 41 MiB: its pool is replaced once a minute.
        PLANA_WORKER_MEMORY_SOFT_PERCENT: '1',
        PLANA_WORKER_RECYCLE_PAUSE_SECONDS: '60',
      },
    })
    objects = await pulse.objects()
    await succeed('runtime', 'add', '18', '--path', odooSource, '--python', '/usr/bin/python3')
    const { dump, filestore } = fixtureFiles('odoo18-base')
    const files = ['--edition', 'basic', '--dump', dump, '--filestore', filestore]
    await succeed('template', 'import', '18', ...files)
    return pulse.cleanUp
  }, limitMs)

  test(
    'its workers give way to new ones while they are asked, and no request is lost',
    async () => {
      const { hostname } = await createTenant(pulse, 'steady', '--hosting', 'pool')
      const visitor = await visit(pulse, hostname)
      const [old] = await untilSettled(objects, place)
      const stopAsking = keepAsking(
        100,
        () => visitor.get('/web/login'),
        () => visitor.post('/xmlrpc/2/common', version, { 'content-type': 'text/xml' }),
      )
      await vi.waitFor(async () => {
        const uids = (await podsOf(objects, place)).map(({ metadata }) => metadata.uid)
        expect(uids).toHaveLength(1)
        expect(uids).not.toContain(old?.metadata.uid)
      }, patience)
      const answers = await stopAsking()
      expect(answers.filter((answer) => answer !== 200)).toEqual([])
      const { stdout } = await pulse.pulse(
        ...['describe', 'deployment', place.name, '-n', place.namespace],
      )
      expect(stdout).toContain('Recycling')
      expect(stdout).not.toContain('FailedPreStopHook')
    },
    limitMs,
  )

  async function succeed(...args: readonly string[]) {
    const result = await pulse.pulse(...args)
    if (result.exitCode !== 0) throw new Error(`${result.stderr}\n${pulse.stderr()}`)
  }
})
