import { expect, test } from 'vitest'
import { pulseOfTest } from './pulse-under-test.suite.ts'

test('a first start ends with the URL and the login of its tenant', async () => {
  const pulse = await pulseOfTest({ args: ['--first-tenant', 'demo'] })
  await pulse.printed('Stop with Ctrl-C')
  expect(pulse.stdout()).toContain('Password')
})
