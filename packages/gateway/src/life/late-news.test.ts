import { expect, test } from 'vitest'
import { awake, backend, collect, createTestLives } from './lives.suite.ts'
import type { LifeRecord } from './record.ts'
import type { Sight } from './waker.ts'

/** No sweep looks around in between. */
const unswept = { sweepMs: 3_600_000 }

/** One that sleeps and is asked for while the store's first answer is still on its way. */
async function withSlowAnswer() {
  const answer = Promise.withResolvers<Sight>()
  const answers: Promise<Sight>[] = [answer.promise]
  const test = createTestLives({ acme: { leaving: 0 } }, unswept, ({ look }) => ({
    look: async (name, signal) => (await answers.shift()) ?? look(name, signal),
  }))
  const seen = test.sight('acme')
  const given = collect([test.ask('acme')])
  await test.clock.advance(10)
  return {
    ...test,
    given,
    async answer() {
      answer.resolve(seen)
      await test.clock.advance(0)
    },
  }
}

const record = (state: LifeRecord['state'], since: number): LifeRecord => ({
  ...{ generation: 2, state, words: [], since },
})

test('that nothing is left is believed only of the sleep after which it was asked', async () => {
  const { clock, change, writes, answer } = await withSlowAnswer()
  // Woken and put to sleep again by another gateway: that process still ends.
  change('acme', { record: record('down', clock.now()), leaving: 1, isGone: false })
  await answer()
  await clock.advance(2_000)
  expect(writes).toEqual([])
  change('acme', { leaving: 0, isGone: true })
  await clock.advance(2_000)
  expect(writes).toMatchObject([['acme', { state: 'up', generation: 3 }]])
})

test('an answer of the store from before what is known takes no process away', async () => {
  const { lives, clock, change, given, answer } = await withSlowAnswer()
  change('acme', { record: record('up', clock.now()), ready: [backend('p2')], isGone: false })
  await clock.advance(0)
  expect(given).toMatchObject([{ type: 'go', backend: { process: 'p2' } }])
  await answer()
  lives.doubt('acme', backend('p2'), false)
  expect(lives.state('acme')).toBe('awake')
  expect(lives.ready('acme')).toEqual(backend('p2'))
})

test('a word that was given holds though what can be seen is older: for who comes then the sleep is called off first', async () => {
  const tries: LifeRecord['state'][] = []
  const { clock, ask } = createTestLives(
    { acme: { ...awake, idleMs: 1_000 } },
    { sweepMs: 10_000 },
    ({ see, write }) => {
      const before = see('acme')
      return {
        see: () => before,
        async write(name, change, signal) {
          tries.push(change.next.state)
          if (change.next.state === 'down') throw new Error('no answer')
          return await write(name, change, signal)
        },
        // Its workers are being replaced.
        look: async () => undefined,
      }
    },
  )
  for (let left = 100; left > 0 && !tries.includes('down'); left -= 1) await clock.next()
  const given = collect([ask('acme')])
  await clock.advance(1_100)
  expect(tries).toEqual(['draining', 'down', 'up'])
  expect(given).toMatchObject([{ type: 'go', backend: { process: 'p1' } }])
})

test('the answer to a write is not believed over what was seen after it', async () => {
  const slow = Promise.withResolvers<void>()
  const { lives, clock, writes, change, sight } = createTestLives(
    { acme: { ...awake, idleMs: 1_000 } },
    { sweepMs: 10_000 },
    ({ write }) => ({
      members: () => ['gateway', 'other'],
      async write(name, next, signal) {
        const standing = await write(name, next, signal)
        await slow.promise
        return standing
      },
    }),
  )
  for (let left = 100; left > 0 && writes.length === 0; left -= 1) await clock.next()
  expect(writes).toMatchObject([['acme', { state: 'draining' }]])
  // The other gateway has called it off.
  change('acme', {
    record: { ...sight('acme').record, state: 'up', words: [], since: clock.now() },
  })
  slow.resolve()
  await clock.advance(0)
  expect(lives.state('acme')).toBe('awake')
})
