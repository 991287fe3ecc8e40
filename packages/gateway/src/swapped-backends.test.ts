import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import {
  backendAt,
  fetchFrom,
  listen,
  routeTo,
  serve,
  type TestRoute,
  wakerOf,
} from './gateway-under-test.suite.ts'
import { guardedProcess } from './guarded-process.suite.ts'
import type { Waker } from './life/waker.ts'
import type { Backend } from './route-source.ts'

/** A tenant's process behind its guard: whoever does not say that it is meant gets nothing of it. */
function processOf(label: string, generation: number) {
  const identity = `${label}-prod.${generation}.${'f'.repeat(64)}`
  const answer = (_: IncomingMessage, response: ServerResponse) => void response.end(label)
  return { identity, ...guardedProcess({ identity, answer }) }
}

type Process = ReturnType<typeof processOf>

/** An address whose process changes, while a connection stays with the one that took it. */
function addressOf(current: () => Process | undefined, onAstray: (connection: string) => void) {
  const owners = new Map<Socket, Process | undefined>()
  const used = new Set<Socket>()
  const server = createServer((request, response) => {
    const { socket } = request
    if (!owners.get(socket)?.isMeant(request)) onAstray(used.has(socket) ? 'kept' : 'new')
    used.add(socket)
    owners.get(socket)?.answer(request, response)
  })
  server.on('connection', (socket) => owners.set(socket, current()))
  return server
}

// A POST has a connection of its own; a GET goes over kept ones, which lead to who was there when they were opened.
test.each(['POST', 'GET'])(
  'when two backends change addresses under load, nobody gets a byte of the other: %s',
  async (method) => {
    const [acme, beta] = [processOf('acme', 1), processOf('beta', 1)]
    const homes = [acme, beta]
    const astray: string[] = []
    const serverAt = (place: number) =>
      addressOf(
        () => homes[place],
        (connection) => astray.push(connection),
      )
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
    const listeners: ((environment: string) => void)[] = []
    const waker: Waker = {
      ...wakerOf(routes, { wakeTimeoutMs: 5_000 }),
      onChange: (run) => void listeners.push(run),
    }
    const port = await serve(routes, { life: { sweepMs: 5, retryMs: [1, 4] }, waker })

    let isOver = false
    const replies: (readonly [string, string])[] = []
    const ask = async (label: string) => {
      while (!isOver) {
        const { status, body } = await fetchFrom(port, '/web', {
          method,
          headers: { host: `${label}.localhost` },
          ...(method === 'POST' && { body: 'x' }),
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
      for (const tell of listeners) for (const { environment } of routes) tell(environment)
    }
    isOver = true
    await Promise.all(load)
    expect(replies.filter(([label, body]) => body !== label)).toEqual([])
    expect(astray).toContain(method === 'GET' ? 'kept' : 'new')
  },
)
