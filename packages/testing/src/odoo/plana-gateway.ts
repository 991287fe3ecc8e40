import { type Answer, json } from './answer.ts'
import { type BackendIdentity, identityHeader, isIdentity } from './backend-identity.ts'
import { type Exchange, readBody } from './exchange.ts'
import type { Gate } from './gate.ts'
import { isRecord } from './json-rpc.ts'

export type Answering = (exchange: Exchange) => Promise<Answer>

/** What was run of a database's schedules, and when the next is due: epoch seconds, or null. */
export interface ScheduleRun {
  readonly jobs: number
  readonly next: number | null
}

export interface Guarded {
  /** Undefined leaves the server open, as one that was started without `plana_gateway`. */
  readonly identity: BackendIdentity | undefined
  readonly gate: Gate
  readonly answer: Answering
  /** Whether the filter leaves exactly one database for this host. */
  readonly servesHost: (host: string) => Promise<boolean>
  /** Throws, with a reason of one line, where nothing could be run. */
  readonly runSchedules: (database: string) => Promise<ScheduleRun>
}

const defaultTimeoutSeconds = 30
const maximumTimeoutSeconds = 300
const maximumCronBodyBytes = 4096
const loginPath = '/web/login'

/** The same door as `odoo/addons/plana_gateway` puts in front of Odoo: what it promises is said there. */
export function guard(guarded: Guarded): Answering {
  const { identity, answer } = guarded
  if (identity === undefined) return answer

  return (exchange) => {
    const { method, path } = exchange
    const given = exchange.headers[identityHeader]
    const known = withoutIdentity(exchange)
    if (isIdentity(identity.control, given)) return answerOwn(guarded, known)
    if (!isIdentity(identity.visitor, given)) {
      if (method === 'GET' && path === '/web/health') return countedHealth(guarded, exchange)
      if (method === 'GET' && path === '/plana/ready') return answerReady(guarded, exchange)
      return Promise.resolve(refused('identity'))
    }
    if (path.startsWith('/plana/')) return Promise.resolve(nothing(guarded))
    return counted(guarded, known)
  }
}

/** Whether a websocket's handshake may go on; if not, `guard` says why not. */
export function admitsHandshake({ identity, gate }: Guarded, exchange: Exchange): boolean {
  if (identity === undefined) return true
  return isIdentity(identity.visitor, exchange.headers[identityHeader]) && !gate.isSealed()
}

/** Counts until the last byte of the answer is sent. */
async function counted({ gate, answer }: Guarded, exchange: Exchange): Promise<Answer> {
  if (!gate.enter()) return refused('sealed')
  if (isLongPoll(exchange)) {
    gate.leave()
    return asApplication(await answer(exchange))
  }
  try {
    return { ...asApplication(await answer(exchange)), sent: gate.leave }
  } catch (error) {
    gate.leave()
    throw error
  }
}

/** It waits for news that may never come, and whoever gets no answer asks again for the same. */
function isLongPoll({ method, path }: Exchange): boolean {
  return method === 'POST' && path === '/longpolling/poll'
}

/** A tenant could make a gateway send again what has run, if it were heard in the guard's name. */
function asApplication(answer: Answer): Answer {
  const headers = answer.headers.filter(([name]) => !guardsOwn.test(name))
  return { ...answer, headers }
}

const guardsOwn = /^\s*x[-_]pulse[-_]/i

function countedHealth(guarded: Guarded, exchange: Exchange): Promise<Answer> {
  return guarded.gate.isSealed() ? Promise.resolve(empty(503)) : counted(guarded, exchange)
}

async function answerOwn(guarded: Guarded, exchange: Exchange): Promise<Answer> {
  const routes = new Map([
    ['/plana/ready', { method: 'GET', run: answerReady }],
    ['/plana/seal', { method: 'POST', run: answerSeal }],
    ['/plana/cron', { method: 'POST', run: answerCron }],
  ])
  const route = routes.get(exchange.path)
  if (!route) return nothing(guarded)
  return route.method === exchange.method ? route.run(guarded, exchange) : empty(405)
}

/** Not in vain: so a gateway asks whether it has come to the right server. */
function nothing({ gate }: Guarded): Answer {
  return gate.isSealed() ? refused('sealed') : empty(404)
}

async function answerReady(guarded: Guarded, exchange: Exchange): Promise<Answer> {
  const host = exchange.query.get('host') ?? ''
  if (!host || !guarded.gate.enter()) return empty(503)
  try {
    if (!(await guarded.servesHost(host))) return empty(503)
    return empty(isLogin(host, await guarded.answer(loginPage(host))) ? 200 : 503)
  } catch {
    return empty(503)
  } finally {
    guarded.gate.leave()
  }
}

/** There Odoo sends who asks for a host whose database it has not found. */
const noDatabase = /\/web\/database\/(selector|manager)\/?$/

/**
 * Whoever logs in elsewhere is sent there by the tenant itself: then it is served. A way back to the very same page is
 * Odoo's answer for a database that it cannot open.
 */
function isLogin(host: string, { status, headers }: Answer): boolean {
  if (![301, 302, 303, 307, 308].includes(status)) return status === 200
  const [, location] = headers.find(([name]) => name.toLowerCase() === 'location') ?? []
  const page = `http://${host}${loginPath}`
  const target = URL.parse(location ?? '', page)
  return target !== null && target.href !== page && !noDatabase.test(target.pathname)
}

async function answerSeal({ gate }: Guarded, { query }: Exchange): Promise<Answer> {
  const seconds = Number(query.get('timeout') || defaultTimeoutSeconds)
  if (!(seconds >= 0)) return empty(400)
  return empty((await gate.seal(Math.min(seconds, maximumTimeoutSeconds) * 1000)) ? 200 : 503)
}

async function answerCron(guarded: Guarded, exchange: Exchange): Promise<Answer> {
  const database = await databaseOf(exchange)
  if (!database) return json({ reason: 'no database is named' }, 400)
  if (!guarded.gate.enter()) return refused('sealed')
  try {
    return json(await guarded.runSchedules(database))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return json({ reason: reason.replace(/\s+/g, ' ') }, 503)
  } finally {
    guarded.gate.leave()
  }
}

async function databaseOf(exchange: Exchange): Promise<string | undefined> {
  try {
    const body: unknown = JSON.parse(
      (await readBody(exchange, maximumCronBodyBytes)).toString('utf8'),
    )
    return isRecord(body) && typeof body.database === 'string' ? body.database : undefined
  } catch {
    return undefined
  }
}

function loginPage(host: string): Exchange {
  return {
    method: 'GET',
    path: loginPath,
    query: new URLSearchParams(),
    headers: { host },
    host,
    scheme: 'http',
    remoteAddress: '127.0.0.1',
    cookies: new Map(),
    body: (async function* () {})(),
  }
}

function withoutIdentity(exchange: Exchange): Exchange {
  const { [identityHeader]: _identity, ...headers } = exchange.headers
  return { ...exchange, headers }
}

function refused(reason: 'identity' | 'sealed'): Answer {
  return { status: 421, headers: [['X-Pulse-Refused', reason]], body: '' }
}

function empty(status: number): Answer {
  return { status, headers: [['Cache-Control', 'no-store']], body: '' }
}
