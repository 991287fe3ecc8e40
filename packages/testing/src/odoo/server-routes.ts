import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, html, redirect, refusal, text } from './answer.ts'
import { filterDatabases } from './database-filter.ts'
import { listDatabases } from './host-database.ts'
import { selectorPage } from './pages.ts'
import type { Route, Visit } from './route.ts'

/** Addresses that concern the server rather than one tenant. */
export const serverRoutes: readonly Route[] = [
  { path: '/web/database/selector', auth: 'none', answer: answerSelector },
  { path: '/web/database/manager', auth: 'none', answer: answerSelector },
  { path: '/web/database/*', auth: 'none', answer: () => refusal(403, 'Access Denied') },
  { path: '/web/static/*', auth: 'none', answer: answerStatic },
  { path: '/favicon.ico', auth: 'none', answer: () => redirect('/web/static/icon.svg', 301) },
  { path: '/robots.txt', auth: 'none', answer: () => text('User-agent: *\nDisallow: /\n') },
  { path: '/websocket', auth: 'none', answer: answerPlainWebsocket },
]

/** Only where the environment allows them: routes that take their time or their room, for tests of what is around. */
export const trialRoutes: readonly Route[] = [
  { path: '/standin/sleep', auth: 'none', answer: answerSleep },
  { path: '/standin/stream', auth: 'none', answer: answerStream },
  { path: '/standin/echo', auth: 'none', answer: answerEcho },
  { path: '/standin/grow', auth: 'none', answer: answerGrow },
]

async function answerSelector({ site, exchange }: Visit): Promise<Answer> {
  if (!site.options.listDatabases) return html(selectorPage(site.major, undefined))
  const names = filterDatabases(await listDatabases(site), exchange.host, site.options)
  return html(selectorPage(site.major, names))
}

const statics: Readonly<Record<string, readonly [type: string, body: string]>> = {
  'stand-in.css': [
    'text/css',
    `body { font: 16px/1.5 system-ui, sans-serif; margin: 0; color: #222; background: #f6f6f8 }
main { max-width: 30rem; margin: 3rem auto; padding: 2rem; background: #fff; border-radius: .5rem }
.o_stand_in { padding: .6rem 1rem; background: #8a2be2; color: #fff; text-align: center }
label { display: block; margin: .8rem 0 }
input { display: block; width: 100%; box-sizing: border-box; padding: .5rem; font: inherit }
button { padding: .5rem 1.2rem; font: inherit }
.alert-danger { color: #a00 }
header { display: flex; gap: 1rem; align-items: center }
dt { color: #666 } dd { margin: 0 0 .6rem }
`,
  ],
  'icon.svg': [
    'image/svg+xml',
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="#8a2be2"/></svg>',
  ],
}

function answerStatic({ parameters }: Visit): Answer {
  const [type, body] = statics[parameters.rest ?? ''] ?? []
  if (!type || body === undefined)
    return refusal(404, 'The requested URL was not found on the server.')
  return {
    status: 200,
    headers: [
      ['Content-Type', type],
      ['Cache-Control', 'public, max-age=604800'],
    ],
    body,
  }
}

/** Reached when the upgrade was asked of the wrong port, or not asked for at all. */
function answerPlainWebsocket({ site, exchange }: Visit): Answer {
  if (!exchange.headers.upgrade) return refusal(400, 'Empty or missing header(s): upgrade')
  site.log.error(
    'odoo.http',
    `Couldn't bind the websocket. Is the connection opened on the evented port (${site.options.geventPort})?`,
  )
  return refusal(500, 'The server encountered an internal error.')
}

const longestMs = 600_000

async function answerSleep({ site, exchange }: Visit): Promise<Answer> {
  const seconds = Number(exchange.query.get('seconds') ?? 1)
  site.log.info('stand-in', `sleeping ${seconds} s`)
  await delay(Math.min(seconds * 1000, longestMs))
  return text(`slept ${seconds} s\n`)
}

const grown: Buffer[] = []
const mostMegabytes = 1024

/** Takes memory and keeps it, as a process does that leaks. */
function answerGrow({ exchange }: Visit): Answer {
  const megabytes = Math.min(Number(exchange.query.get('megabytes') ?? 1), mostMegabytes)
  // Written to, or the kernel gives nothing.
  grown.push(Buffer.alloc(megabytes * 2 ** 20, 1))
  return text(`grew by ${megabytes} MiB\n`)
}

/** One line at a time, so that a test sees what arrives before the end. */
function answerStream({ exchange }: Visit): Answer {
  const lines = Number(exchange.query.get('lines') ?? 10)
  const everyMs = Number(exchange.query.get('every-ms') ?? 100)
  async function* produce() {
    for (let line = 1; line <= lines; line += 1) {
      yield `line ${line}\n`
      await delay(everyMs)
    }
  }
  return { ...text(''), body: produce() }
}

/** Gives back what arrived, for tests of headers and of bodies in both directions. */
function answerEcho({ exchange, registry }: Visit): Answer {
  if (exchange.method !== 'GET') return { ...text(''), body: exchange.body }
  const { method, path, host, scheme, remoteAddress, headers } = exchange
  const database = registry?.database
  return text(
    `${JSON.stringify({ method, path, host, scheme, remoteAddress, database, headers })}\n`,
  )
}
