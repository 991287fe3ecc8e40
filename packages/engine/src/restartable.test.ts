import type { Log } from '@pulse/api'
import { expect, test } from 'vitest'
import { createManualClock } from './manual-clock.ts'
import { runRestartable } from './restartable.ts'
import { until } from './world.suite.ts'

/** Controllers that only tell; each outcome is that of one start. */
async function begin(...outcomes: ('runs' | 'fails' | 'hangs')[]) {
  const told: string[] = []
  const log: Log = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => void told.push('logged'),
    child: () => log,
  }
  const clock = createManualClock()
  const controllers = await runRestartable(
    async (signal) => {
      const outcome = outcomes.shift()
      told.push(String(outcome))
      if (outcome === 'fails') throw new Error('the store is away')
      if (outcome === 'hangs') {
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      }
      return { stop: async () => void told.push('stopped') }
    },
    { log, clock, random: () => 0 },
  )
  return { ...controllers, told, clock }
}

test('a restart that fails is tried again, later each time, until it succeeds', async () => {
  const { restart, stop, told, clock } = await begin('runs', 'fails', 'fails', 'runs')
  restart()
  const once = ['runs', 'stopped', 'fails', 'logged']
  await until(async () => expect(told).toEqual(once))
  clock.advance(249)
  expect(told).toEqual(once)
  clock.advance(1)
  await until(async () => expect(told).toEqual([...once, 'fails', 'logged']))
  clock.advance(499)
  expect(told).toEqual([...once, 'fails', 'logged'])
  clock.advance(1)
  await until(async () => expect(told).toEqual([...once, 'fails', 'logged', 'runs']))
  await stop()
  expect(told.at(-1)).toBe('stopped')
})

test('a restart after a failed one is carried out all the same', async () => {
  const { restart, stop, told, clock } = await begin('runs', 'fails', 'runs', 'runs')
  restart()
  await until(async () => expect(told).toContain('logged'))
  restart()
  clock.advance(500)
  await until(async () => expect(told.at(-1)).toBe('runs'))
  restart()
  await until(async () => expect(told.slice(-2)).toEqual(['stopped', 'runs']))
  await stop()
})

test('several wishes while it restarts are one more start', async () => {
  const { restart, stop, told } = await begin('runs', 'runs', 'runs', 'runs')
  for (let count = 0; count < 5; count += 1) restart()
  const twice = ['runs', 'stopped', 'runs', 'stopped', 'runs']
  await until(async () => expect(told).toEqual(twice))
  await stop()
  expect(told).toEqual([...twice, 'stopped'])
})

test('a stop ends the wait for the next try, and a start under way', async () => {
  const failing = await begin('runs', 'fails')
  failing.restart()
  await until(async () => expect(failing.told).toContain('logged'))
  await failing.stop()
  const hanging = await begin('runs', 'hangs')
  hanging.restart()
  await until(async () => expect(hanging.told).toContain('hangs'))
  await hanging.stop()
  expect(hanging.told.at(-1)).toBe('stopped')
})

test('a first start that fails is told to who asked for it', async () => {
  await expect(begin('fails')).rejects.toThrow('the store is away')
})
