import { expect, test } from 'vitest'
import { backend, collect, createTestLives } from './lives.suite.ts'
import type { Sight } from './waker.ts'

test('a crash loop opens a circuit: who comes is told at once, and the pauses between starts grow', async () => {
  const { lives, clock, writes, change, ask } = createTestLives(
    { acme: { idleMs: 1_000 } },
    { circuitMs: [10_000, 300_000], patienceMs: 3_000 },
  )
  const turn = ask('acme')
  await clock.advance(100)
  change('acme', { starting: [backend('p2')], isGone: false, trouble: 'ImportError: no module' })
  await clock.advance(3_000)
  expect(await turn).toEqual({ type: 'none', because: 'failed' })
  expect(await ask('acme')).toEqual({ type: 'none', because: 'failed' })
  expect(lives.state('acme')).toBe('failed')
  // It sleeps like any other, and what was amiss is not remembered as its state.
  await clock.advance(4_000)
  expect(writes.at(-1)).toMatchObject(['acme', { state: 'down' }])
  change('acme', { starting: [], isGone: true, trouble: undefined })
  await clock.advance(1_000)
  expect(await ask('acme')).toEqual({ type: 'none', because: 'failed' })
  const before = writes.length
  await clock.advance(10_000)
  void ask('acme')
  await clock.advance(100)
  expect(writes.slice(before)).toMatchObject([['acme', { state: 'up' }]])
})

test('one crash is no crash loop: who waits goes on waiting and is served when it comes up', async () => {
  const { lives, clock, change, ask } = createTestLives({ acme: {} }, { patienceMs: 3_000 })
  const given = collect([ask('acme')])
  await clock.advance(100)
  change('acme', { starting: [backend('p2')], isGone: false, trouble: 'exited with 1' })
  await clock.advance(2_900)
  given.push(...collect([ask('acme')]))
  expect(given).toEqual([])
  change('acme', { starting: [], ready: [backend('p3')], trouble: undefined })
  await clock.advance(10_000)
  expect(given).toMatchObject([{ type: 'go', backend: { process: 'p3' } }])
  expect(lives.state('acme')).toBe('awake')
})

test('a crash that is over before it lasts is not added to the next one', async () => {
  const { lives, clock, change, ask } = createTestLives({ acme: {} }, { patienceMs: 3_000 })
  void ask('acme')
  await clock.advance(100)
  for (const trouble of ['exited with 1', undefined, 'exited with 1', undefined]) {
    change('acme', { starting: [backend('p2')], isGone: false, trouble })
    await clock.advance(2_000)
  }
  expect(lives.state('acme')).toBe('starting')
})

test('a process that can serve is served although the word of trouble still stands', async () => {
  const { lives, clock, change, ask } = createTestLives({ acme: {} }, { patienceMs: 3_000 })
  const turn = ask('acme')
  await clock.advance(100)
  change('acme', { starting: [backend('p2')], isGone: false, trouble: 'exited with 1' })
  await clock.advance(5_000)
  expect(await turn).toEqual({ type: 'none', because: 'failed' })
  change('acme', { starting: [], ready: [backend('p3')], trouble: 'exited with 1' })
  await clock.advance(0)
  expect(await ask('acme')).toMatchObject({ type: 'go', backend: { process: 'p3' } })
  await clock.advance(10_000)
  expect(lives.state('acme')).toBe('awake')
})

/** Up, and its worker has just crashed. */
const crashed: Partial<Sight> = {
  record: { generation: 1, state: 'up', words: [], since: 0 },
  starting: [backend('p1')],
  isGone: false,
  trouble: 'exited with 1',
}

test('a crash is not told of once its environment is gone, nor to the next one of its name', async () => {
  const { clock, states, change, remove, lives } = createTestLives({ acme: crashed })
  await clock.advance(100)
  remove('acme')
  await clock.advance(1_500)
  change('acme', { ...crashed, starting: [], ready: [backend('q1')], trouble: undefined })
  await clock.advance(100)
  expect(lives.state('acme')).toBe('awake')
  const before = states.length
  await clock.advance(10_000)
  expect(states.slice(before)).toEqual([])
})

test('the next one of a name starts at once, however often the one before it had failed', async () => {
  const { lives, clock, writes, change, remove, ask } = createTestLives(
    { acme: { idleMs: 1_000 } },
    { circuitMs: [10_000, 300_000], patienceMs: 3_000 },
  )
  void ask('acme')
  await clock.advance(100)
  change('acme', { starting: [backend('p2')], isGone: false, trouble: 'ImportError: no module' })
  await clock.advance(7_000)
  change('acme', { starting: [], isGone: true, trouble: undefined })
  await clock.advance(1_000)
  remove('acme')
  lives.forget('acme')
  change('acme', { isGone: true })
  const before = writes.length
  void ask('acme')
  await clock.advance(100)
  expect(writes.slice(before)).toMatchObject([['acme', { state: 'up' }]])
})

test('after the end of the gateway nothing is told', async () => {
  const { clock, states, lives } = createTestLives({ acme: crashed })
  await clock.advance(100)
  lives.close()
  const before = states.length
  await clock.advance(10_000)
  expect(states.slice(before)).toEqual([])
})
