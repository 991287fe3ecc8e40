import type { Log } from '@pulse/api'
import { expect, test } from 'vitest'
import { keepRunning } from './keep-running.ts'

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
}

/** Lives, dies, and starts at the given attempt only. */
function trialServer(failures: number) {
  const state = { isRunning: true, starts: 0 }
  return {
    state,
    isRunning: async () => state.isRunning,
    async start() {
      state.starts += 1
      if (state.starts <= failures) throw new Error('its memory is still held')
      state.isRunning = true
    },
  }
}

test('a server that died is started again, also when the first attempts fail, and both is told', async () => {
  const server = trialServer(2)
  const halt = new AbortController()
  const told: string[] = []
  const { promise: isUp, resolve } = Promise.withResolvers<void>()
  const kept = keepRunning(server, {
    log: silent,
    signal: halt.signal,
    onChange(state) {
      told.push(state)
      if (state === 'up') resolve()
    },
  })
  server.state.isRunning = false
  await isUp
  halt.abort()
  await kept
  expect(server.state).toEqual({ isRunning: true, starts: 3 })
  expect(told).toEqual(['down', 'up'])
})

test('a server that is stopped together with us stays stopped', async () => {
  const server = trialServer(0)
  const halt = new AbortController()
  const kept = keepRunning(server, { log: silent, signal: halt.signal })
  halt.abort()
  server.state.isRunning = false
  await kept
  expect(server.state.starts).toBe(0)
})
