import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { backendAt, eventually, listen } from '../gateway-under-test.suite.ts'
import { awake, createTestLives } from '../life/lives.suite.ts'
import { silent } from '../silent-log.suite.ts'
import { createKeptCopies } from '../static/kept-copies.ts'
import { createOwnQuestions } from './own-questions.ts'

const place = { authority: 'acme.localhost', scheme: 'http' } as const
const delayMs = 1_000

/** A tenant whose records are written when the test says so, and what it is asked. */
async function start() {
  const asked: string[] = []
  const server = createServer(({ url = '' }, answer) => {
    asked.push(url)
    answer.end('given')
  })
  const backend = { ...backendAt(await listen(server)), process: 'p1' }
  const writes: (() => void)[] = []
  const world = createTestLives({ acme: { ...awake, ready: [backend] } }, {}, (waker) => ({
    async write(...all) {
      await new Promise<void>((resolve) => writes.push(resolve))
      return await waker.write(...all)
    },
  }))
  const end = new AbortController()
  onTestFinished(() => {
    end.abort()
    world.lives.close()
  })
  const questions = createOwnQuestions({
    lives: () => world.lives,
    copies: createKeptCopies(world.clock.now),
    clock: world.clock,
    log: silent,
    signal: end.signal,
    delayMs,
    timeoutMs: 10_000,
  })
  return { ...world, asked, pending: writes, questions }
}

test('who woke is asked, and sleeps as soon as if it had not been', async () => {
  const { questions, clock, asked, pending } = await start()
  questions.visited('acme', place)
  questions.woke('acme')
  await clock.advance(delayMs)
  await eventually(() => expect(asked).toEqual(['/robots.txt', '/favicon.ico', '/logo.png']))
  await clock.advance(58_000)
  expect(pending).toHaveLength(0)
  await clock.advance(2_000)
  expect(pending).toHaveLength(1)
})

test('a question calls off no sleep that is being written', async () => {
  const { questions, clock, asked, pending, writes } = await start()
  questions.visited('acme', place)
  await clock.advance(59_500)
  questions.woke('acme')
  await clock.advance(500)
  expect(pending).toHaveLength(1)
  await clock.advance(delayMs)
  while (pending.length > 0) {
    pending.shift()?.()
    await clock.advance(0)
  }
  expect(writes.map(([, { state }]) => state)).toEqual(['draining', 'down'])
  expect(asked).toEqual([])
})
