import { createServer, type Server } from 'node:net'
import { expect } from 'vitest'
import { backendAt, listen, openSocket, routeTo, serve } from '../gateway-under-test.suite.ts'
import { readRequest, readRequests, valuesOf, type WireRequest } from './strict-reader.suite.ts'

/** What came to a worker, as a reader that is not Node's takes it. */
interface Witness {
  readonly seen: WireRequest[]
  readonly malformed: string[]
  /** Of the sockets at both ends: a stream that broke off would prove nothing. */
  readonly errors: Error[]
}

interface Lane extends Witness {
  readonly host: string
  /** Requests that the gateway reports as answered by the worker. */
  served: number
}

/** Stands for a lane's own; of the same length, lest a length be wrong. */
export const anyHost = 'laneNNNN.localhost'

export function labelOf(lane: number): string {
  return `lane${String(lane).padStart(4, '0')}`
}

export function hostOf(lane: number): string {
  return `${labelOf(lane)}.localhost`
}

export interface OpenLane extends Lane {
  /** Sends it and what ends a connection, and waits until that has ended. */
  send(text: string): Promise<{ readonly stream: string; readonly answers: string }>
  check(text: string): Promise<void>
}

export async function oneLane(): Promise<OpenLane> {
  const [lane] = await lanes(1)
  if (lane === undefined) throw new Error('there is no lane')
  return lane
}

/** A gateway before as many workers, which differ by their host. */
export async function lanes(count: number): Promise<readonly OpenLane[]> {
  const made = await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const lane: Lane = {
        host: hostOf(at),
        seen: [],
        malformed: [],
        errors: [],
        served: 0,
      }
      return { lane, backend: backendAt(await listen(witness(lane))) }
    }),
  )
  const port = await serve(
    made.map(({ backend }, at) => routeTo(labelOf(at), [backend])),
    {
      // Only a stream that ends within a request waits for them: a busy machine must not end the others.
      limits: { requestHeadTimeoutMs: 2_000, requestIdleTimeoutMs: 2_000 },
      onRequest({ environment, status }) {
        const lane = made.find(({ lane: { host } }) => environment === `${host.split('.')[0]}-prod`)
        if (lane && status === 200) lane.lane.served += 1
      },
    },
  )
  return made.map(({ lane }) => {
    const send = async (text: string) => {
      const stream = `${withHost(text, lane.host)}GET /last HTTP/1.1\r\nHost: ${lane.host}\r\nConnection: close\r\n\r\n`
      const client = openSocket(port, Buffer.from(stream, 'latin1'))
      client.socket.on('error', (error) => lane.errors.push(error))
      await client.closed
      expect(lane.errors).toEqual([])
      return { stream, answers: client.received() }
    }
    return Object.assign(lane, {
      send,
      async check(text: string) {
        const meant = readRequests((await send(text)).stream).map(essence)
        expect(lane.malformed).toEqual([])
        const seen = lane.seen.map(essence)
        expect(isWithin(seen, meant), `${seen} in ${meant}`).toBe(true)
        for (const request of lane.seen)
          expect(valuesOf(request.headers, 'host')).toEqual([lane.host])
        expect(lane.served).toBeLessThanOrEqual(lane.seen.length)
      },
    })
  })
}

function essence({ method, target, body }: WireRequest): string {
  return JSON.stringify([method, target, body])
}

/** Each is there once, in the same order; some may be left out. */
export function isWithin(some: readonly string[], all: readonly string[]): boolean {
  let from = 0
  return some.every((one) => {
    from = all.indexOf(one, from) + 1
    return from > 0
  })
}

export function withHost(text: string, host: string): string {
  return text.replaceAll(anyHost, host)
}

/** A worker that keeps its connections and writes down what it reads. */
function witness(lane: Lane): Server {
  return createServer((socket) => {
    let text = ''
    socket.on('error', (error) => lane.errors.push(error))
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      for (;;) {
        const reading = readRequest(text)
        if (reading.type === 'malformed') lane.malformed.push(reading.why)
        if (reading.type !== 'request') return
        text = reading.rest
        lane.seen.push(reading.request)
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      }
    })
  })
}
