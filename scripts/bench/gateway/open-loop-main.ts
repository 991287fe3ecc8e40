/**
 * Load at a fixed rate, whatever the answers take: latency counts from the time at which a request was due, so that one
 * slow answer is not hidden by the requests that it holds back (coordinated omission). Arguments: URL, host, requests
 * per second, seconds, connections; one second of warm-up is not counted. Writes its percentiles as JSON.
 */
import { connect } from 'node:net'
import { Worker } from 'node:worker_threads'
import { percentile } from './percentile.ts'

const [url = '', host = '', rate = '1000', seconds = '5', connections = '16'] =
  process.argv.slice(2)
const { hostname, port, pathname } = new URL(url)
const request = `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
const warmUp = Number(rate)
const count = warmUp + Number(rate) * Number(seconds)
const latencies: number[] = []
const waiting: number[] = []
const free = await Promise.all(Array.from({ length: Number(connections) }, open))
const now = () => performance.timeOrigin + performance.now()

const metronome = new Worker(new URL('metronome-worker.ts', import.meta.url), {
  workerData: { startAt: now() + 200, intervalMs: 1000 / Number(rate), count },
})
metronome.on('message', (due: number) => {
  waiting.push(due)
  sendNext()
})

interface Connection {
  send(due: number): void
}

function sendNext() {
  while (waiting.length > 0) {
    // In turn: a server closes a connection that idles for seconds.
    const connection = free.shift()
    const due = connection && waiting.shift()
    if (due === undefined) return
    connection?.send(due)
  }
}

function open(): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    let due = 0
    let missing = -1
    const connection: Connection = {
      send(at) {
        due = at
        missing = -1
        socket.write(request)
      },
    }
    socket.on('error', reject).on('connect', () => resolve(connection))
    socket.on('data', (chunk: Buffer) => {
      missing = missing < 0 ? missingAfter(chunk) : missing - chunk.length
      if (missing > 0) return
      done(now() - due)
      free.push(connection)
      sendNext()
    })
  })
}

/** How much of the body is still to come; the head of an answer comes in one piece here. */
function missingAfter(chunk: Buffer): number {
  const text = chunk.toString('latin1')
  if (!text.startsWith('HTTP/1.1 200')) throw new Error(`unexpected answer: ${text.slice(0, 60)}`)
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1])
  return text.indexOf('\r\n\r\n') + 4 + length - chunk.length
}

function done(latency: number) {
  latencies.push(latency)
  if (latencies.length < count) return
  const counted = latencies.slice(warmUp)
  console.log(JSON.stringify({ p50: percentile(counted, 0.5), p99: percentile(counted, 0.99) }))
  process.exit(0)
}
