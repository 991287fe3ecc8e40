import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  makeOrdinaryUser,
  type OrdinaryUser,
  ordinaryUserMissing,
  removeByHand,
  removeHome,
} from './ordinary-user.suite.ts'
import { processesOf } from './processes-of-state.suite.ts'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import { createSleepingTenant, type SleepingTenant } from './sleeping-tenant.suite.ts'

describe.skipIf(ordinaryUserMissing !== undefined)(
  `Pulse of a user who is not root (${ordinaryUserMissing ?? 'there is one'})`,
  () => {
    let user: OrdinaryUser
    let pulse: PulseUnderTest
    let acme: SleepingTenant

    beforeAll(async () => {
      user = await makeOrdinaryUser()
      pulse = await startPulse({ user })
      acme = await createSleepingTenant(pulse, 'acme')
    })
    afterAll(async () => {
      await pulse.cleanUp()
      await removeHome(user)
    })

    test('an instance is put to sleep, and the next request wakes it', async () => {
      expect(await pulse.pulse('sleep', 'acme', '--timeout', '60s')).toMatchObject({ exitCode: 0 })
      expect(await acme.pods()).toEqual([])
      expect(await (await acme.visit()).get('/web/login')).toMatchObject({ status: 200 })
      expect(await acme.pods()).toHaveLength(1)
    })

    test('a killed Pulse takes its tenants over, and they sleep as before', async () => {
      await pulse.kill('SIGKILL')
      pulse = await startPulse({ user, stateDir: pulse.stateDir, args: ['--keep-tenants'] })
      expect(await pulse.kill('SIGTERM')).toBe(0)
      pulse = await startPulse({ user, stateDir: pulse.stateDir })
      expect(pulse.stderr()).toContain('"adopted":true')
      expect(await pulse.pulse('sleep', 'acme', '--timeout', '60s')).toMatchObject({ exitCode: 0 })
    })

    test('a tenant is deleted with all that ran of it', async () => {
      expect(
        await pulse.pulse(
          'create',
          'beta',
          '--tier',
          'pro',
          '--hosting',
          'instance',
          '--owner',
          'a@b.example',
        ),
      ).toMatchObject({ exitCode: 0 })
      expect(await pulse.pulse('delete', 'planaclient', 'beta')).toMatchObject({ exitCode: 0 })
      const left = await podsWithFolder()
      expect(left.filter((pod) => pod.startsWith('instance-beta/'))).toEqual([])
    })

    test('after its end nothing of it runs or lies in memory, and its folder can be deleted', async () => {
      expect(await (await acme.visit()).get('/web/login')).toMatchObject({ status: 200 })
      expect(existsSync(secretsFolder())).toBe(existsSync('/dev/shm'))
      expect(await pulse.stop()).toBe(0)
      expect(await processesOf(pulse.stateDir)).toEqual([])
      expect(existsSync(secretsFolder())).toBe(false)
      await removeByHand(pulse.stateDir, user)
    })

    /** In memory, by the name of the state directory. */
    function secretsFolder() {
      const name = createHash('sha256').update(pulse.stateDir).digest('hex').slice(0, 16)
      return `/dev/shm/pulse-${name}`
    }

    /** Whose folders are there. */
    async function podsWithFolder(): Promise<readonly string[]> {
      const folder = join(pulse.stateDir, 'pods')
      const uids = await readdir(folder)
      return await Promise.all(
        uids.map(async (uid) => {
          const { namespace, name } = JSON.parse(
            await readFile(join(folder, uid, 'pod.json'), 'utf8'),
          )
          return `${namespace}/${name}`
        }),
      )
    }
  },
)
