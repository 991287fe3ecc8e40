import { expect, test } from 'vitest'
import { exitCodes } from '../exit.ts'
import { servedTenant } from './served-tenant.suite.ts'

const keeping = 'planapulse.com/keep-awake-until'
const lostWords = 'the stand-in made this database and Odoo cannot open it: delete the tenant'
const claimed = { type: 'DatabaseReady', status: 'True', reason: 'Claimed' }
const lost = [
  claimed,
  { type: 'WorkersReady', status: 'False', reason: 'MadeByStandIn', message: lostWords },
  { type: 'Ready', status: 'False', reason: 'MadeByStandIn', message: lostWords },
]
const unclaimed = [
  { type: 'DatabaseReady', status: 'False', reason: 'ClaimFailed', message: 'no space left' },
  { type: 'Ready', status: 'False', reason: 'Creating', message: 'no space left' },
]
const unmade = [
  { type: 'DatabaseReady', status: 'False', reason: 'Claiming', message: 'is being made' },
  { type: 'Ready', status: 'False', reason: 'Creating', message: 'waits for its database' },
]

test.each(['pool', 'instance'] as const)(
  'a tenant of hosting %s that nobody can open is not said to be awake',
  async (hosting) => {
    const { pulse, annotations, written } = await servedTenant(hosting, lost)
    const expected = { message: `acme cannot be woken: ${lostWords}`, exitCode: 1 }
    await expect(pulse('wake', 'acme')).rejects.toMatchObject(expected)
    expect(written.err).not.toContain('is awake')
    expect(await annotations()).toEqual({})
  },
)

test('nor is one whose database could not be made', async () => {
  const { pulse } = await servedTenant('pool', unclaimed)
  const expected = { message: 'acme cannot be woken: no space left', exitCode: 1 }
  await expect(pulse('wake', 'acme')).rejects.toMatchObject(expected)
})

test('one that is being made is waited for, though its pool serves others', async () => {
  const { pulse } = await servedTenant('pool', unmade)
  await expect(pulse('wake', 'acme', '--timeout', '300ms')).rejects.toMatchObject({
    message: 'acme did not wake in time: it is being made: waits for its database',
    exitCode: exitCodes.timeout,
  })
})

test('--keep says until when', async () => {
  const { pulse, annotations, written } = await servedTenant()
  await pulse('wake', 'acme', '--keep', '2h')
  const until = new Date((await annotations())[keeping] ?? '')
  const clock = `${until.getHours()}`.padStart(2, '0')
  expect(written.err).toMatch(
    new RegExp(`acme is awake, and kept so until \\d{4}-\\d\\d-\\d\\d ${clock}:\\d\\d .+, for 2h`),
  )
})

test.each([
  ['0s', /^--keep 0s: .*longer than nothing/],
  ['99999999h', /^--keep 99999999h: .*year 9999/],
  [`${'9'.repeat(400)}h`, /year 9999/],
])('--keep %s is refused before anything is written', async (keep, message) => {
  const { pulse, annotations } = await servedTenant()
  const refused = { message: expect.stringMatching(message), exitCode: exitCodes.usage }
  await expect(pulse('wake', 'acme', '--keep', keep)).rejects.toMatchObject(refused)
  expect(await annotations()).toEqual({})
})

test('of one that a pool serves nothing is said to be kept', async () => {
  const { pulse, written } = await servedTenant('pool')
  await pulse('wake', 'acme', '--keep', '2h')
  expect(written.err).toContain('acme is awake')
  expect(written.err).not.toContain('kept')
})

test('after Ctrl-C people know that it goes on waking', async () => {
  const { pulse, annotations, interrupt } = await servedTenant('instance', unmade)
  const woken = pulse('wake', 'acme').catch((error: unknown) => error)
  await expect
    .poll(async () => Object.keys(await annotations()), { timeout: 5000 })
    .toContain('planapulse.com/wake-at')
  interrupt()
  expect(await woken).toMatchObject({
    message: expect.stringMatching(/^interrupted: acme goes on waking/),
    exitCode: exitCodes.interrupted,
  })
})
