import { expect, test } from 'vitest'
import { chooseLines } from './standby-lines.ts'

const basic = { edition: 'basic', major: '18' } as const
const pro = { edition: 'pro', major: '18' } as const

test('each template has a line in its usual hosting, claimed or not', () => {
  expect(chooseLines([basic, pro], [])).toEqual([
    { ...basic, hosting: 'pool' },
    { ...pro, hosting: 'instance' },
  ])
})

test('a hosting in use has a line too: a starter’s own instance, a pool of enterprise', () => {
  const claimed = [
    { template: 'basic-18', hosting: 'instance' },
    { template: 'pro-18', hosting: 'pool' },
    { template: 'pro-18', hosting: 'instance' },
  ] as const
  expect(chooseLines([basic, pro], claimed)).toEqual([
    { ...basic, hosting: 'pool' },
    { ...basic, hosting: 'instance' },
    { ...pro, hosting: 'pool' },
    { ...pro, hosting: 'instance' },
  ])
})

test('what was claimed of another major, or of a template that is gone, has none', () => {
  const claimed = [{ template: 'basic-17', hosting: 'instance' }] as const
  expect(chooseLines([basic], claimed)).toEqual([{ ...basic, hosting: 'pool' }])
})
