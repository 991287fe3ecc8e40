/**
 * A crowd at the door of one tenant: so many requests at a fixed rate, each third a page, a script's call, a crawler's
 * visit, on as many connections as it takes when those who are held keep theirs. Who has no answer by the end gives up,
 * one after the other. Arguments: port, requests, requests a second, seconds before the first, seconds in which they
 * give up. Writes how many were answered with what as JSON.
 */
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

const [port = 0, count = 0, rate = 0, beforeSeconds = 0, leavingSeconds = 0] = process.argv
  .slice(2)
  .map(Number)
const kinds = [
  'Accept: text/html\r\nSec-Fetch-Mode: navigate',
  'Sec-Fetch-Mode: cors',
  'User-Agent: Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
].map((head) => `GET /shop HTTP/1.1\r\nHost: crowded.localhost\r\n${head}\r\n\r\n`)
const answers: Record<string, number> = {}
const free: Connection[] = []
const held = new Set<Connection>()
let sent = 0

interface Connection {
  send(text: string): void
  giveUp(): void
}

function open(): Connection {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  let left = -1
  const connection = {
    send(text: string) {
      held.add(connection)
      socket.write(text)
    },
    giveUp: () => void socket.destroy(),
  }
  socket.on('error', () => {})
  socket.on('close', () => {
    held.delete(connection)
    const at = free.indexOf(connection)
    if (at !== -1) free.splice(at, 1)
  })
  socket.on('data', (chunk: Buffer) => {
    if (left < 0) left = bytesAfter(chunk)
    else left -= chunk.length
    if (left > 0) return
    left = -1
    held.delete(connection)
    free.push(connection)
  })
  return connection
}

/** How much of the answer is still to come. */
function bytesAfter(chunk: Buffer): number {
  const text = chunk.toString('latin1')
  const status = text.slice(9, 12)
  answers[status] = (answers[status] ?? 0) + 1
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1])
  return text.indexOf('\r\n\r\n') + 4 + length - chunk.length
}

const metronome = new Worker(new URL('metronome-worker.ts', import.meta.url), {
  workerData: {
    startAt: performance.timeOrigin + performance.now() + beforeSeconds * 1000,
    intervalMs: 1000 / rate,
    count,
  },
})
metronome.on('message', () => {
  const connection = free.shift() ?? open()
  connection.send(kinds[sent % kinds.length] ?? '')
  sent += 1
  if (sent < count) return
  setTimeout(() => void leave(), 500)
})

async function leave() {
  console.log(JSON.stringify({ ...answers, held: held.size }))
  const pauseMs = (leavingSeconds * 1000) / held.size
  for (const connection of [...held]) {
    connection.giveUp()
    await delay(pauseMs)
  }
  process.exit(0)
}
