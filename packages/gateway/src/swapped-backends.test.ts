import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import {
  backendAt,
  fetchFrom,
  listen,
  routeTo,
  serve,
  type TestRoute,
} from './gateway-under-test.suite.ts'
import type { Backend } from './route-source.ts'

/** A tenant's process behind its guard: whoever does not say that it is meant gets nothing of it. */
function processOf(label: string, generation: number) {
  const identity = `${label}-prod.${generation}.${'f'.repeat(64)}`
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    if (request.headers['x-pulse-backend'] === identity) return response.end(label)
    response.writeHead(421, { 'X-Pulse-Refused': 'identity', 'Content-Length': 0 }).end()
  }
  return { identity, answer }
}

test('when two backends change addresses under load, nobody gets a byte of the other', async () => {
  const [acme, beta] = [processOf('acme', 1), processOf('beta', 1)]
  const homes = [acme, beta]
  const serverAt = (place: number) =>
    createServer((request, response) => void homes[place]?.answer(request, response))
  const ports = [await listen(serverAt(0)), await listen(serverAt(1))]
  /** What the gateway believes of where they are. */
  let believed = [0, 1]
  const backendOf = (tenant: number, identity: string): readonly Backend[] => [
    { ...backendAt(ports[believed[tenant] ?? 0] ?? 0), identity, process: identity },
  ]
  const routeWith = (label: string, tenant: number, identity: string): TestRoute => ({
    ...routeTo(label, []),
    get backends() {
      return backendOf(tenant, identity)
    },
  })
  const routes = [routeWith('acme', 0, acme.identity), routeWith('beta', 1, beta.identity)]
  const port = await serve(routes, { life: { sweepMs: 5 } })

  let isOver = false
  const replies: (readonly [string, string])[] = []
  const ask = async (label: string) => {
    while (!isOver) {
      const { status, body } = await fetchFrom(port, '/web', {
        method: 'POST',
        headers: { host: `${label}.localhost` },
        body: 'x',
      })
      replies.push([label, status === 200 ? body : String(status)])
    }
  }
  const load = ['acme', 'beta', 'acme', 'beta'].map(ask)
  const answered = async (count: number) => {
    const goal = replies.length + count
    while (replies.length < goal) await new Promise((resolve) => setImmediate(resolve))
  }
  for (let swap = 0; swap < 20; swap += 1) {
    await answered(40)
    homes.reverse()
    // For a while the gateway has not heard of it.
    await new Promise((resolve) => setImmediate(resolve))
    believed = believed.toReversed()
  }
  isOver = true
  await Promise.all(load)
  const foreign = replies.filter(([label, body]) => body !== label && body !== '503')
  expect(foreign).toEqual([])
  expect(replies.filter(([, body]) => body === '503')).toEqual([])
})
