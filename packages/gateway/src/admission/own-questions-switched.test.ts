import { createServer } from 'node:net'
import { expect, test, vi } from 'vitest'
import {
  backendAt,
  eventually,
  fetchFrom,
  listen,
  routeTo,
  serve,
  sleeper,
} from '../gateway-under-test.suite.ts'
import { ownQuestions } from '../static/kept-kinds.ts'

const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'

test('a worker that switches protocols at each of the gateway’s own questions, and stays, holds nobody', async () => {
  const asked: string[] = []
  const ended = vi.fn()
  const server = createServer((socket) => {
    socket.once('data', (head) => {
      const [, target = ''] = head.toString('latin1').split(' ')
      if (target === '/hello') return socket.end('HTTP/1.0 200 OK\r\n\r\nhello')
      asked.push(target)
      socket.on('close', ended)
      return socket.write(switching)
    })
  })
  // One place: a question that never ends would take it from all visitors.
  const tenant = sleeper({}, { wakeTimeoutMs: 30_000, concurrency: 1 })
  const port = await serve([routeTo('acme', [])], {
    waker: tenant.waker,
    life: { patienceMs: 0 },
    admission: { ownQuestionsDelayMs: 0 },
  })
  const visit = () => fetchFrom(port, '/hello', { headers: { 'sec-fetch-mode': 'cors' } })
  const first = visit()
  await eventually(() => expect(tenant.writes).toHaveLength(1))
  tenant.bring(backendAt(await listen(server)))
  expect((await first).body).toBe('hello')
  await eventually(() => expect(asked).toEqual(ownQuestions))
  await eventually(() => expect(ended).toHaveBeenCalledTimes(ownQuestions.length))
  expect((await visit()).body).toBe('hello')
})
