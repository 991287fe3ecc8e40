import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { processesOf } from './processes-of-state.suite.ts'
import { type PulseUnderTest, pulseOfTest } from './pulse-under-test.suite.ts'

test.each(['starting PostgreSQL', 'looking after running tenants', 'opening the doors'])(
  'a Ctrl-C while it is %s ends the start in order: nothing of it is left',
  async (step) => {
    const pulse = await pulseOfTest({ wait: false })
    await told(pulse, step)
    expect(await pulse.stop()).toBe(0)
    expect(pulse.stderr()).toContain('stopped during the start')
    expect(await processesOf(pulse.stateDir)).toEqual([])
  },
)

test('a Ctrl-C while the first tenant is made waits for nothing', async () => {
  const pulse = await pulseOfTest({ wait: false, args: ['--first-tenant', 'demo'] })
  await told(pulse, 'creating tenant demo')
  expect(await pulse.stop()).toBe(0)
  expect(pulse.stdout()).not.toContain('Stop with Ctrl-C')
  expect(await processesOf(pulse.stateDir)).toEqual([])
})

test('a first tenant that cannot be is told with the next command, and Pulse keeps running', async () => {
  const pulse = await pulseOfTest({ args: ['--first-tenant', 'www'] })
  await pulse.printed('Stop with Ctrl-C')
  expect(pulse.stderr()).toMatch(/no first tenant yet[\s\S]*reserved[\s\S]*pulse create --help/)
  expect((await pulse.pulse('get', 'planaclients')).exitCode).toBe(0)
})

/** Resolves when the progress has come to this step. */
async function told(pulse: PulseUnderTest, step: string) {
  const ended = pulse.exited.then(() => true)
  while (!pulse.stderr().includes(step)) {
    if (await Promise.race([ended, delay(10, false)])) throw new Error(pulse.stderr())
  }
}
