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
/** Narrower than `Number`, which takes "0x10", "1e3" and spaces. */
const secondsPattern = /^[0-9]+(?:\.[0-9]+)?$/

/**
 * The same door as `odoo/addons/plana_gateway` puts in front of Odoo: what it promises is said there, and
 * `odoo/tests/guard-cases.json` holds both to it.
 */
export function guard(guarded: Guarded): Answering {
  const { identity, answer } = guarded
  if (identity === undefined) return answer

  return (exchange) => {
    const { method, path } = exchange
    const given = exchange.headers[identityHeader]
    const known = withoutIdentity(exchange)
    if (isIdentity(identity.control, given)) return answerOwn(guarded, known)
    if (!isIdentity(identity.visitor, given)) {
      if (method === 'GET' && path === '/web/health') return counted(guarded, known)
      if (method === 'GET' && path === '/plana/ready') return answerReady(guarded, known)
      return Promise.resolve(refused('identity'))
    }
    if (path.startsWith('/plana/')) return Promise.resolve(answerUnsealed(guarded, 404))
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

async function answerOwn(guarded: Guarded, exchange: Exchange): Promise<Answer> {
  const routes = new Map([
    ['/plana/ready', { method: 'GET', run: answerReady }],
    ['/plana/seal', { method: 'POST', run: answerSeal }],
    ['/plana/cron', { method: 'POST', run: answerCron }],
  ])
  const route = routes.get(exchange.path)
  if (!route) return answerUnsealed(guarded, 404)
  if (route.method !== exchange.method) return answerUnsealed(guarded, 405)
  return route.run(guarded, exchange)
}

/** Not in vain: so a gateway asks whether it has come to the right server. */
function answerUnsealed({ gate }: Guarded, status: 404 | 405): Answer {
  return gate.isSealed() ? refused('sealed') : empty(status)
}

async function answerReady(guarded: Guarded, exchange: Exchange): Promise<Answer> {
  if (!guarded.gate.enter()) return refused('sealed')
  try {
    const host = lastOf(exchange, 'host')
    if (!host || !(await guarded.servesHost(host))) return empty(503)
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

async function answerSeal({ gate }: Guarded, exchange: Exchange): Promise<Answer> {
  const asked = lastOf(exchange, 'timeout') || String(defaultTimeoutSeconds)
  if (!secondsPattern.test(asked)) return empty(400)
  const seconds = Math.min(Number(asked), maximumTimeoutSeconds)
  return empty((await gate.seal(seconds * 1000)) ? 200 : 503)
}

async function answerCron(guarded: Guarded, exchange: Exchange): Promise<Answer> {
  // Before the body too, which may never come; and the seal waits for none.
  if (guarded.gate.isSealed()) return refused('sealed')
  const database = await databaseOf(exchange)
  if (!database) return own(json({ reason: 'no database is named' }, 400))
  if (!guarded.gate.enter()) return refused('sealed')
  try {
    return own(json(await guarded.runSchedules(database)))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return own(json({ reason: reason.replace(/\s+/g, ' ') }, 503))
  } finally {
    guarded.gate.leave()
  }
}

/** Of `{"database": NAME}`, in UTF-8; undefined for whatever else is sent. */
async function databaseOf(exchange: Exchange): Promise<string | undefined> {
  // One that is too long is not begun: whoever leaves a body in the midst of it cuts its connection.
  const length = exchange.headers['content-length']
  if (length === undefined || Number(length) > maximumCronBodyBytes) return undefined
  try {
    const bytes = await readBody(exchange, maximumCronBodyBytes)
    const body: unknown = JSON.parse(strictUtf8.decode(bytes))
    if (!isRecord(body) || Object.keys(body).join() !== 'database') return undefined
    return typeof body.database === 'string' ? body.database : undefined
  } catch {
    return undefined
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Of several that are given, the last that says something. */
function lastOf({ query }: Exchange, name: string): string {
  return query.getAll(name).findLast(Boolean) ?? ''
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
  return own({ status: 421, headers: [['X-Pulse-Refused', reason]], body: '' })
}

function empty(status: number): Answer {
  return own({ status, headers: [], body: '' })
}

/** An answer that is no application's, and that nobody keeps. */
function own(answer: Answer): Answer {
  return { ...answer, headers: [['Cache-Control', 'no-store'], ...answer.headers] }
}
