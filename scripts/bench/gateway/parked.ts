import { once } from 'node:events'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import type { KeyedTable } from '../benchmarks-page.ts'
import { boundedHeap, type ForkedMain, forkMain } from '../forked-main.ts'
import { measuredOn } from '../measured-on.ts'

interface ParkedFigures {
  readonly sockets: number
  readonly tenants: number
  /**
   * Of the gateway's process, in KiB for each socket: opened while asleep, parked again, the same once V8 has given
   * back what it does not need, and on top of that while attached.
   */
  readonly openedKiB: number
  readonly parkedKiB: number
  readonly compactedKiB: number
  readonly attachedKiB: number
  /** How long all of them took to be attached again. */
  readonly wakeSeconds: number
  readonly closed: number
}

const tenants = 100
/** As many handshakes at once as a listener's line of waiting connections holds for certain. */
const openAtOnce = 50

/** Opens so many sockets, wakes all tenants and puts them to sleep again, and counts what that costs. */
export async function measureParked(sockets: number): Promise<KeyedTable> {
  await using backend = startMain('parked-backend-main.ts')
  const backendPort = (await backend.answer()).port ?? 0
  await using gateway = startMain('parked-gateway-main.ts', String(backendPort), String(tenants))
  const port = (await gateway.answer()).port ?? 0
  const clients: WebSocket[] = []
  let closed = 0
  const onClose = () => {
    closed += 1
  }
  const openUpTo = async (count: number) => {
    while (clients.length < count) {
      const batch = Array.from({ length: Math.min(openAtOnce, count - clients.length) }, (_, at) =>
        openSocket(port, (clients.length + at) % tenants),
      )
      for (const client of await Promise.all(batch)) clients.push(client.on('close', onClose))
    }
  }

  // Code is loaded and compiled by the first ones, which go through everything once.
  await openUpTo(2 * tenants)
  for (const half of [0, 1]) await cycle(gateway, half, tenants)
  await gateway.ask({ word: 'compact', half: 0 })
  const before = await gateway.ask({ word: 'collect', half: 0 })
  await openUpTo(sockets)
  const opened = await gateway.ask({ word: 'collect', half: 0 })
  const cycles = [await cycle(gateway, 0, sockets / 2), await cycle(gateway, 1, sockets / 2)]
  const parked = await gateway.ask({ word: 'collect', half: 0 })
  const compacted = await gateway.ask({ word: 'compact', half: 0 })

  const kib = (rss: number, count: number) => rss / count / 1024
  const more = sockets - 2 * tenants
  for (const client of clients) client.off('close', onClose).terminate()
  return render({
    sockets,
    tenants,
    openedKiB: kib(opened.rss - before.rss, more),
    parkedKiB: kib(parked.rss - before.rss, more),
    compactedKiB: kib(compacted.rss - before.rss, more),
    attachedKiB: Math.max(...cycles.map(({ rss }) => kib(rss - opened.rss, sockets / 2))),
    wakeSeconds: cycles.reduce((sum, { seconds }) => sum + seconds, 0),
    closed,
  })
}

/** One half wakes, until all of its sockets are attached, and falls asleep again. */
async function cycle(gateway: Main, half: number, sockets: number) {
  const since = performance.now()
  await gateway.ask({ word: 'wake', half })
  while ((await gateway.ask({ word: 'count', half: 0 })).attached < sockets) await pause(250)
  const seconds = (performance.now() - since) / 1000
  const { rss } = await gateway.ask({ word: 'collect', half: 0 })
  await gateway.ask({ word: 'sleep', half })
  return { seconds, rss }
}

function render(figures: ParkedFigures): KeyedTable {
  const { sockets, openedKiB, parkedKiB, compactedKiB, attachedKiB, wakeSeconds, closed } = figures
  return {
    head: [
      ...['parked sockets', 'tenants', 'KiB each', 'after a cycle', 'compacted'],
      ...['more while attached', 'all attached within', 'closed', 'measured'],
    ],
    rows: [
      [
        sockets.toLocaleString('en'),
        String(figures.tenants),
        ...[openedKiB, parkedKiB, compactedKiB, attachedKiB].map((kib) => kib.toFixed(1)),
        `${wakeSeconds.toFixed(0)} s`,
        String(closed),
        measuredOn(),
      ],
    ],
  }
}

async function openSocket(port: number, tenant: number): Promise<WebSocket> {
  const host = `t${tenant}.localhost`
  const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket?version=18.0-5`, {
    perMessageDeflate: false,
    headers: {
      host,
      origin: `http://${host}`,
      cookie: `session_id=${'x'.repeat(84)}; frontend_lang=bg_BG; tz=Europe/Sofia`,
      'user-agent':
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
      'accept-language': 'bg-BG,bg;q=0.9,en;q=0.8',
      'accept-encoding': 'gzip, deflate, br, zstd',
    },
  })
  await once(socket, 'open')
  const channels = Array.from({ length: 6 }, (_, at) => `odoo-presence-res.partner_${at}`)
  socket.send(JSON.stringify({ event_name: 'subscribe', data: { channels, last: 1 } }))
  const presence = { inactivity_period: 0, im_status_ids_by_model: {} }
  socket.send(JSON.stringify({ event_name: 'update_presence', data: presence }))
  return socket
}

interface MainAnswer {
  readonly port?: number
  readonly rss: number
  readonly attached: number
}

type Main = ForkedMain<MainAnswer>

function startMain(file: string, ...args: readonly string[]): Main {
  return forkMain(join(import.meta.dirname, file), args, [...boundedHeap, '--expose-gc'])
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
