import { expect, test } from 'vitest'
import type { Backend } from '../route-source.ts'
import { awake, backend, collect, createTestLives, mustGo } from './lives.suite.ts'
import type { Wanted } from './turn.ts'

test('the first process does not get the whole queue at once: as many as it takes, in their order', async () => {
  const { clock, change, ask } = createTestLives({ acme: { concurrency: 2 } })
  const given = collect(Array.from({ length: 5 }, () => ask('acme')))
  await clock.advance(100)
  change('acme', { ready: [backend('p2')], isGone: false })
  await clock.advance(0)
  expect(given).toHaveLength(2)
  const first = mustGo(given[0])
  first.life.finish(first, true)
  await clock.advance(0)
  expect(given).toHaveLength(3)
})

test('slow requests hold up those behind them for a moment only: the workers have a queue of their own', async () => {
  const { clock, change, ask } = createTestLives(
    { acme: { concurrency: 2, wakeTimeoutMs: 10_000 } },
    { placeMs: 1_000 },
  )
  const given = collect(Array.from({ length: 7 }, () => ask('acme')))
  await clock.advance(100)
  change('acme', { ready: [backend('p2')], isGone: false })
  await clock.advance(999)
  expect(given).toHaveLength(2)
  // None of them has its answer yet.
  await clock.advance(3_001)
  expect(given.map(({ type }) => type)).toEqual(Array.from({ length: 7 }, () => 'go'))
  // Their ends give no place back a second time.
  for (const turn of given) mustGo(turn).life.finish(mustGo(turn), true)
  const later = collect(Array.from({ length: 3 }, () => ask('acme')))
  await clock.advance(0)
  expect(later).toHaveLength(3)
})

test('the first request starts the wake itself: no timer passes, and those after it start no other', async () => {
  const { clock, writes, ask } = createTestLives({ acme: {} })
  for (let requests = 3; requests > 0; requests -= 1) void ask('acme')
  await clock.advance(0)
  expect(writes).toMatchObject([['acme', { state: 'up', generation: 2 }]])
})

test('who comes while others wait does not overtake them', async () => {
  const { clock, change, ask } = createTestLives({ acme: { concurrency: 1 } })
  const order: string[] = []
  const come = (name: string) => void ask('acme').then(() => order.push(name))
  come('first')
  come('second')
  await clock.advance(100)
  change('acme', { ready: [backend('p2')], isGone: false })
  come('third')
  await clock.advance(0)
  expect(order).toEqual(['first'])
})

test('the idle time counts from the end of the last request, not from the start of the process', async () => {
  const { lives, clock, change, ask } = createTestLives({ acme: { idleMs: 60_000 } })
  const [turn] = [ask('acme')]
  // A start that takes longer than the idle time.
  await clock.advance(90_000)
  change('acme', { ready: [backend('p2')], isGone: false })
  const go = mustGo(await turn)
  await clock.advance(90_000)
  expect(lives.state('acme')).toBe('awake')
  go.life.finish(go, true)
  await clock.advance(58_000)
  expect(lives.state('acme')).toBe('awake')
  await clock.advance(5_000)
  expect(lives.state('acme')).toBe('stopping')
})

test('a request that is no sign of a user keeps nobody awake', async () => {
  const { lives, clock, ask } = createTestLives({ acme: { ...awake, idleMs: 60_000 } })
  await clock.advance(55_000)
  const go = mustGo(await ask('acme'))
  go.life.finish(go, false)
  await clock.advance(10_000)
  expect(lives.state('acme')).toBe('stopping')
})

test('nobody is put to sleep soon after the start of a gateway, which has not seen who is active', async () => {
  const { clock, writes } = createTestLives(
    { acme: { ...awake, idleMs: 1_000 } },
    { graceMs: 30_000 },
  )
  await clock.advance(29_000)
  expect(writes).toEqual([])
  await clock.advance(5_000)
  expect(writes.at(-1)).toMatchObject(['acme', { state: 'down' }])
})

test('when many are idle at once, only some are put to sleep at a time', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 50 }, (_, index) => [`t${index}`, { ...awake, idleMs: 1_000 }]),
  )
  const { clock, writes } = createTestLives(many, { sleepsPerSweep: 5, sweepMs: 1_000 })
  await clock.advance(2_500)
  const begun = writes.filter(([, { state }]) => state === 'draining')
  expect(begun.length).toBeGreaterThan(0)
  expect(begun.length).toBeLessThanOrEqual(15)
  await clock.advance(20_000)
  expect(writes.filter(([, { state }]) => state === 'down')).toHaveLength(50)
})

test('only so many start at once; who pays more goes first, then who came first', async () => {
  const tenants = {
    one: {},
    two: {},
    three: { priority: 0 },
    four: { priority: 2 },
  }
  const { clock, writes, change, ask } = createTestLives(tenants, { starts: 1 })
  for (const name of Object.keys(tenants)) void ask(name)
  await clock.advance(10)
  const woken = () => writes.map(([name]) => name)
  expect(woken()).toEqual(['one'])
  change('one', { ready: [backend('p')], isGone: false })
  await clock.advance(10)
  expect(woken()).toEqual(['one', 'four'])
  change('four', { ready: [backend('p')], isGone: false })
  await clock.advance(10)
  expect(woken()).toEqual(['one', 'four', 'two'])
})

test('who was wanted first starts first, however long it takes to learn that nothing is left of it', async () => {
  const { promise: learnt, resolve: learn } = Promise.withResolvers<void>()
  const unsure = { isGone: false }
  const tenants = { one: unsure, two: unsure, three: unsure }
  const { clock, writes, change, ask, sight } = createTestLives(tenants, { starts: 1 }, () => ({
    async look(name) {
      if (name === 'two') await learnt
      return { ...sight(name), isGone: true }
    },
  }))
  for (const name of Object.keys(tenants)) {
    void ask(name)
    await clock.advance(1)
  }
  learn()
  await clock.advance(10)
  change('one', { ready: [backend('p')], isGone: false })
  await clock.advance(10)
  expect(writes.map(([name]) => name)).toEqual(['one', 'two'])
})

test('a start that never ends gives its place away', async () => {
  const { clock, writes, ask } = createTestLives({ one: {}, two: {} }, { starts: 1 })
  void ask('one')
  void ask('two')
  await clock.advance(61_000)
  expect(writes.map(([name]) => name)).toEqual(['one', 'two'])
})

test('a wake tells from where it was: forked where its backend says so, else cold', async () => {
  const { lives, clock, change, wakes } = createTestLives({ acme: {}, beta: {} })
  for (const name of ['acme', 'beta']) void lives.wake(name, 'asked')
  await clock.advance(10)
  change('acme', { ready: [{ ...backend('p2'), startedAs: 'forked' }], isGone: false })
  change('beta', { ready: [backend('p3')], isGone: false })
  await clock.advance(10)
  expect(wakes).toMatchObject([
    { environment: 'acme', cause: 'asked', temperature: 'forked' },
    { environment: 'beta', cause: 'asked', temperature: 'cold' },
  ])
})

test('a wake tells how long it took until its wish was written, its wait for a place included', async () => {
  const { clock, wakes, change, ask } = createTestLives(
    { acme: {}, beta: {} },
    { starts: 1 },
    ({ write }) => ({
      async write(...args) {
        await new Promise<void>((done) => clock.after(4, done))
        return await write(...args)
      },
    }),
  )
  for (const name of ['acme', 'beta']) void ask(name)
  await clock.advance(10)
  change('acme', { ready: [backend('p2')], isGone: false })
  await clock.advance(10)
  change('beta', { ready: [backend('p3')], isGone: false })
  await clock.advance(10)
  expect(wakes).toMatchObject([
    { environment: 'acme', signalMs: 4, durationMs: 10 },
    { environment: 'beta', signalMs: 14, durationMs: 20 },
  ])
})

test('who waits too long is told so', async () => {
  const { clock, ask } = createTestLives({ acme: { wakeTimeoutMs: 5_000 } })
  const turn = ask('acme')
  await clock.advance(5_001)
  expect(await turn).toEqual({ type: 'none', because: 'late' })
})

test('one that was woken for its schedules alone sleeps again soon after them', async () => {
  const { lives, clock, change } = createTestLives({ acme: { idleMs: 3_600_000 } })
  const woken = lives.wake('acme', 'schedule')
  await clock.advance(10)
  change('acme', { ready: [backend('p2')], isGone: false })
  expect(await woken).toBe('awake')
  lives.keepAwake('acme', clock.now() + 30_000)
  await clock.advance(25_000)
  expect(lives.state('acme')).toBe('awake')
  await clock.advance(15_000)
  expect(lives.state('acme')).toBe('stopping')
})

test('an order by hand counts once: who is woken after it stays awake', async () => {
  const { lives, clock, writes, change } = createTestLives({
    acme: { ...awake, idleMs: 3_600_000 },
  })
  const ask = { sleepAt: clock.now() }
  change('acme', { ask })
  await clock.advance(3_000)
  expect(writes.at(-1)).toMatchObject(['acme', { state: 'down' }])
  change('acme', { ready: [], isGone: true })
  await clock.advance(100)
  expect(lives.state('acme')).toBe('asleep')
  const woken = lives.wake('acme', 'asked')
  await clock.advance(10)
  change('acme', { ready: [backend('p2')], isGone: false })
  expect(await woken).toBe('awake')
  const before = writes.length
  await clock.advance(10_000)
  expect(writes).toHaveLength(before)
})

test('an order that was carried out is not carried out again by a gateway that starts anew: who has come back stays', async () => {
  const first = createTestLives({ acme: { ...awake, idleMs: 3_600_000 } })
  first.change('acme', { ask: { sleepAt: first.clock.now() } })
  await first.clock.advance(3_000)
  first.change('acme', { ready: [], isGone: true })
  await first.clock.advance(100)
  const woken = first.ask('acme')
  await first.clock.advance(10)
  first.change('acme', { ready: [backend('p2')], isGone: false })
  const go = mustGo(await woken)
  go.life.finish(go, true)
  first.lives.close()

  const anew = createTestLives({ acme: { ...first.sight('acme'), version: 1 } })
  await anew.clock.advance(10_000)
  expect(anew.writes).toEqual([])
  expect(anew.lives.state('acme')).toBe('awake')
})

test('nor is an order to wake, once its tenant has been stopped since: it sleeps until somebody comes', async () => {
  const first = createTestLives({ acme: { idleMs: 3_600_000 } })
  first.change('acme', { ask: { wakeAt: first.clock.now() } })
  await first.clock.advance(10)
  first.change('acme', { ready: [backend('p2')], isGone: false })
  await first.clock.advance(1_000)
  expect(first.writes.at(-1)).toMatchObject(['acme', { state: 'up', generation: 2 }])
  first.change('acme', { service: 'suspended' })
  await first.clock.advance(10_000)
  expect(first.writes.at(-1)).toMatchObject(['acme', { state: 'down', generation: 2 }])
  first.change('acme', { ready: [], isGone: true })
  first.lives.close()

  const anew = createTestLives({ acme: { ...first.sight('acme'), version: 1 } })
  anew.change('acme', { service: 'active' })
  await anew.clock.advance(10_000)
  expect(anew.writes).toEqual([])
})

test('an order that was called off before a gateway starts anew is carried out by it', async () => {
  const two = () => ({ members: () => ['gateway', 'other'] })
  const first = createTestLives({ acme: { ...awake, idleMs: 3_600_000 } }, {}, two)
  first.change('acme', { ask: { sleepAt: first.clock.now() } })
  await first.clock.advance(3_000)
  expect(first.writes.at(-1)).toMatchObject(['acme', { state: 'draining', isOrdered: true }])
  const turn = first.ask('acme')
  await first.clock.advance(10)
  expect(first.writes.at(-1)).toMatchObject(['acme', { state: 'up', generation: 1 }])
  mustGo(await turn)
  first.lives.close()

  const anew = createTestLives({ acme: { ...first.sight('acme'), version: 1 } })
  await anew.clock.advance(10_000)
  expect(anew.writes.at(-1)).toMatchObject(['acme', { state: 'down', generation: 1 }])
})

test('an order to sleep for one that sleeps already is carried out: who comes later is not sent to sleep', async () => {
  const { lives, clock, change } = createTestLives({ acme: { idleMs: 3_600_000 } })
  change('acme', { ask: { sleepAt: clock.now() } })
  await clock.advance(10)
  const woken = lives.wake('acme', 'schedule')
  await clock.advance(10)
  change('acme', { ready: [backend('p2')], isGone: false })
  expect(await woken).toBe('awake')
  lives.keepAwake('acme', clock.now() + 30_000)
  await clock.advance(20_000)
  expect(lives.state('acme')).toBe('awake')
})

test('held requests have bounds; those beyond them are told to come again, and the others are served', async () => {
  const hold = { requestsPerEnvironment: 3, bytesPerEnvironment: 100, requests: 4, bytes: 100 }
  const { clock, change, ask } = createTestLives({ acme: { concurrency: 10 }, beta: {} }, { hold })
  const given = collect(Array.from({ length: 5 }, () => ask('acme')))
  const others = collect([ask('beta'), ask('beta')])
  await clock.advance(100)
  const full = { type: 'none', because: 'full' }
  expect(given).toEqual([full, full])
  expect(others).toEqual([full])
  change('acme', { ready: [backend('p2')], isGone: false })
  await clock.advance(0)
  expect(given.filter(({ type }) => type === 'go')).toHaveLength(3)
})

test('a process that has an address gets no request before it can serve, and is asked again until then', async () => {
  const askedAt: number[] = []
  let canServe = false
  const isReady = async (_: string, { process }: Backend) => {
    if (process === 'p2') askedAt.push(clock.now())
    return canServe
  }
  const { lives, clock, change, ask } = createTestLives({ acme: {} }, { probeMs: 25 }, () => ({
    isReady,
  }))
  const given = collect([ask('acme')])
  await clock.advance(10)
  change('acme', { starting: [backend('p2')], isGone: false })
  await clock.advance(200)
  const pauses = askedAt.slice(1).map((at, index) => at - (askedAt[index] ?? 0))
  expect(Math.max(...pauses)).toBe(25)
  expect(given).toEqual([])
  expect(lives.state('acme')).toBe('starting')
  canServe = true
  await clock.advance(25)
  expect(given).toMatchObject([{ type: 'go', backend: { process: 'p2' } }])
})

test('one that wakes concerns only those who wait for it, however many wait for others', async () => {
  const looked: string[] = []
  const { clock, change, ask } = createTestLives({ acme: {}, beta: {} }, {}, ({ see }) => ({
    see(name) {
      looked.push(name)
      return see(name)
    },
  }))
  const crowd = collect(Array.from({ length: 250 }, () => ask('acme')))
  const other = collect([ask('beta')])
  await clock.advance(100)
  looked.length = 0
  change('beta', { ready: [backend('b1')], isGone: false })
  expect(looked.filter((name) => name !== 'beta')).toEqual([])
  await clock.advance(0)
  expect(other).toMatchObject([{ type: 'go', backend: { process: 'b1' } }])
  expect(crowd).toEqual([])
})

test('requests that come back are let go ever more seldom, until one gets through', async () => {
  const { clock, ask } = createTestLives({ acme: awake }, { retryMs: [25, 1_000] })
  const wanted: Wanted = { bytes: 0, since: clock.now(), cause: 'request', onLeft: () => () => {} }
  const pauses: number[] = []
  async function keepRefusing(times: number) {
    for (let turn = await ask('acme'); times > 0 && turn.type === 'go'; times -= 1) {
      const refusedAt = clock.now()
      turn = await turn.life.refuse(turn, false, wanted)
      pauses.push(clock.now() - refusedAt)
      if (times === 1 && turn.type === 'go') turn.life.finish(turn, true)
    }
  }
  void keepRefusing(8)
  await clock.advance(4_000)
  expect(pauses).toEqual([25, 50, 100, 200, 400, 800, 1_000, 1_000])
  void keepRefusing(1)
  await clock.advance(1_000)
  expect(pauses.at(-1)).toBe(25)
})

test('an environment that is made again under its name is served, whatever became of the one before', async () => {
  const { clock, change, remove, ask } = createTestLives({ acme: { ...awake, idleMs: 60_000 } })
  await clock.advance(1_000)
  remove('acme')
  // Long enough to be put to sleep, were it still there.
  await clock.advance(120_000)
  change('acme', { ...awake, ready: [backend('p2')] })
  await clock.advance(0)
  const given = collect([ask('acme')])
  await clock.advance(0)
  expect(given).toMatchObject([{ type: 'go', backend: { process: 'p2' } }])
})

test('a wake that finds no workers to write to is tried again once there are some', async () => {
  const { clock, writes, change, remove, ask } = createTestLives({ acme: {} })
  const given = collect([ask('acme')])
  // Replaced in this very moment.
  remove('acme')
  await clock.advance(500)
  expect(writes).toEqual([])
  change('acme', {})
  await clock.advance(2_000)
  expect(writes).toMatchObject([['acme', { state: 'up' }]])
  change('acme', { ready: [backend('p2')], isGone: false })
  await clock.advance(0)
  expect(given).toMatchObject([{ type: 'go', backend: { process: 'p2' } }])
})

const woken = { generation: 2, state: 'up', words: [], since: 100 } as const

test('a wish that waits for its place is over once another gateway has woken its tenant', async () => {
  const { clock, writes, wakes, change, ask } = createTestLives(
    { acme: {}, beta: {}, gamma: {} },
    { starts: 1 },
  )
  const given = collect([ask('acme'), ask('beta')])
  await clock.advance(100)
  change('beta', { record: woken, ready: [backend('b1')], isGone: false })
  await clock.advance(0)
  expect(given).toMatchObject([{ type: 'go', backend: { process: 'b1' } }])
  expect(wakes).toEqual([])

  change('acme', { ready: [backend('p2')], isGone: false })
  await clock.advance(0)
  void ask('gamma')
  await clock.advance(0)
  expect(writes.map(([name]) => name)).toEqual(['acme', 'gamma'])
})

test('who has no workers to write to takes no place from those who have', async () => {
  const { clock, writes, change, remove, ask } = createTestLives(
    { first: {}, gone: {}, last: {} },
    { starts: 1 },
  )
  for (const name of ['first', 'gone', 'last']) void ask(name)
  await clock.advance(100)
  remove('gone')
  change('first', { ready: [backend('p2')], isGone: false })
  await clock.advance(500)
  expect(writes.map(([name]) => name)).toEqual(['first', 'last'])
})

test('whoever waits for one that is gone for good is told so, and not at their deadline', async () => {
  const { clock, remove, ask } = createTestLives({ acme: {} })
  const given = collect([ask('acme')])
  remove('acme')
  await clock.advance(8_000)
  expect(given).toEqual([])
  await clock.advance(7_000)
  expect(given).toEqual([{ type: 'none', because: 'unknown' }])
  given.push(...(await Promise.all([ask('acme')])))
  expect(given.at(-1)).toEqual({ type: 'none', because: 'unknown' })
})

test('what wants it while its sleep is being written is why it wakes', async () => {
  let isWritten = () => {}
  const { lives, clock, wakes, change } = createTestLives(
    { acme: { ...awake, idleMs: 60_000 } },
    {},
    ({ write }) => ({
      async write(name, written, signal) {
        if (written.next.state === 'down') await new Promise<void>((done) => (isWritten = done))
        return await write(name, written, signal)
      },
    }),
  )
  await clock.advance(70_000)
  void lives.wake('acme', 'schedule')
  isWritten()
  await clock.advance(0)
  change('acme', { ready: [], isGone: true })
  await clock.advance(100)
  change('acme', { ready: [backend('p2')], isGone: false })
  await clock.advance(0)
  expect(wakes).toMatchObject([{ environment: 'acme', cause: 'schedule' }])
})
