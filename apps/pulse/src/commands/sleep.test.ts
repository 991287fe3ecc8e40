import { expect, test } from 'vitest'
import { exitCodes } from '../exit.ts'
import { servedTenant } from './served-tenant.suite.ts'

test('after Ctrl-C people know that it may fall asleep all the same, and how to take that back', async () => {
  const { pulse, annotations, interrupt } = await servedTenant()
  const slept = pulse('sleep', 'acme').catch((error: unknown) => error)
  await expect
    .poll(async () => Object.keys(await annotations()), { timeout: 5000 })
    .toContain('planapulse.com/sleep-at')
  interrupt()
  expect(await slept).toMatchObject({
    message:
      'interrupted: acme may still fall asleep, within a minute; pulse wake acme takes that back',
    exitCode: exitCodes.interrupted,
  })
})
