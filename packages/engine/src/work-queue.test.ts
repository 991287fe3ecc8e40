import { describe, expect, test } from 'vitest'
import { createManualClock, type ManualClock } from './manual-clock.ts'
import { createWorkQueue } from './work-queue.ts'

const backOff = { firstMilliseconds: 100, longestMilliseconds: 1_000 }

describe('work queue', () => {
  test('one key is never in two hands, and a key added meanwhile gets exactly one more pass', async () => {
    const { queue, passes, release } = setUp()
    queue.add('a')
    await settled()
    queue.add('a')
    queue.add('a')
    await settled()
    expect(passes).toEqual(['a'])
    release()
    await settled()
    expect(passes).toEqual(['a', 'a'])
    release()
    await settled()
    expect(passes).toEqual(['a', 'a'])
    await queue.stop()
  })

  test('no more keys are worked on at once than was allowed', async () => {
    const { queue, passes, release } = setUp()
    for (const key of ['a', 'b', 'c']) queue.add(key)
    await settled()
    expect(passes).toEqual(['a', 'b'])
    release()
    await settled()
    expect(passes).toEqual(['a', 'b', 'c'])
    release()
    await queue.stop()
  })

  test('there is room for more when few wait, and no one waits for it after the end', async () => {
    const { queue, release } = setUp()
    for (const key of ['a', 'b', 'c', 'd']) queue.add(key)
    let isTold = false
    const told = queue.room().then(() => {
      isTold = true
    })
    await settled()
    expect(isTold).toBe(false)
    release()
    await told

    for (const key of ['e', 'f', 'g', 'h']) queue.add(key)
    const left = queue.room()
    const stopped = queue.stop()
    await left
    release()
    await stopped
  })

  test('a failed key comes back after its back-off, not before, and a success clears the count', async () => {
    const failing = [true, true, false]
    const { queue, passes, failures, clock } = setUp(async () => {
      if (failing.shift()) throw new Error('no')
      return undefined
    })
    queue.add('a')
    await settled()
    clock.advance(49)
    await settled()
    expect(passes).toHaveLength(1)
    clock.advance(1)
    await settled()
    expect(passes).toHaveLength(2)
    clock.advance(100)
    await settled()
    expect(passes).toHaveLength(3)
    expect(failures).toEqual([1, 2])
    clock.advance(10_000)
    await settled()
    expect(passes).toHaveLength(3)
  })

  test('a key asked for at a time gets its pass then', async () => {
    const clock = createManualClock()
    const at = new Date(clock.now().getTime() + 5_000)
    const times = [at, undefined]
    const { queue, passes } = setUp(async () => times.shift(), { clock })
    queue.add('a')
    await settled()
    clock.advance(4_999)
    await settled()
    expect(passes).toHaveLength(1)
    clock.advance(1)
    await settled()
    expect(passes).toHaveLength(2)
  })

  test('a key that rests gets one pass for all that was added softly meanwhile', async () => {
    const { queue, passes, clock } = setUp(async () => undefined, { rest: () => 100 })
    queue.addSoon('a')
    await settled()
    expect(passes).toHaveLength(1)
    queue.addSoon('a')
    queue.addSoon('a')
    clock.advance(99)
    await settled()
    expect(passes).toHaveLength(1)
    clock.advance(1)
    await settled()
    expect(passes).toHaveLength(2)
    clock.advance(1_000)
    await settled()
    expect(passes).toHaveLength(2)
  })

  test('what was added softly during a pass waits for the rest after it', async () => {
    const { queue, passes, release, clock } = setUp(undefined, { rest: () => 100 })
    queue.add('a')
    await settled()
    queue.addSoon('a')
    release()
    await settled()
    expect(passes).toHaveLength(1)
    clock.advance(100)
    await settled()
    expect(passes).toHaveLength(2)
    release()
    await queue.stop()
  })

  test('a key that rests gets what is pressing at once, and then nothing for what that pass has seen', async () => {
    const { queue, passes, clock } = setUp(async () => undefined, { rest: () => 100 })
    queue.add('a')
    await settled()
    queue.addSoon('a')
    queue.add('a')
    await settled()
    expect(passes).toHaveLength(2)
    clock.advance(1_000)
    await settled()
    expect(passes).toHaveLength(2)
  })

  test('a pass after which there is no rest ends the one before', async () => {
    const rests = [100, 0]
    const { queue, passes } = setUp(async () => undefined, { rest: () => rests.shift() ?? 0 })
    queue.add('a')
    await settled()
    queue.add('a')
    await settled()
    queue.addSoon('a')
    await settled()
    expect(passes).toHaveLength(3)
  })

  test('stopping waits for the pass under way and begins no other', async () => {
    const { queue, passes, release } = setUp()
    for (const key of ['a', 'b', 'c']) queue.add(key)
    await settled()
    let stopped = false
    const stopping = queue.stop().then(() => {
      stopped = true
    })
    await settled()
    expect(stopped).toBe(false)
    release()
    await stopping
    expect(passes).toEqual(['a', 'b'])
  })
})

function setUp(
  process?: (key: string) => Promise<Date | undefined>,
  { clock = createManualClock(), ...others }: { clock?: ManualClock; rest?: () => number } = {},
) {
  const passes: string[] = []
  const failures: number[] = []
  let gates: Array<() => void> = []
  const queue = createWorkQueue({
    process(key) {
      passes.push(key)
      if (process) return process(key)
      return new Promise((resolve) => gates.push(() => resolve(undefined)))
    },
    onFailure: (_key, _error, count) => failures.push(count),
    concurrency: 2,
    backOff,
    clock,
    random: () => 0,
    ...others,
  })
  queue.start()
  const release = () => {
    for (const open of gates) open()
    gates = []
  }
  return { queue, passes, failures, clock, release }
}

/** All that is ready to run has run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
