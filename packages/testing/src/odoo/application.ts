import { type Answer, json, redirect, refusal } from './answer.ts'
import { BodyTooLargeError, type Exchange } from './exchange.ts'
import { findDatabase } from './host-database.ts'
import { jsonRpcError } from './json-rpc.ts'
import { logOut } from './login.ts'
import { loginPath } from './login-routes.ts'
import { type Registries, type Registry, RegistryError } from './registries.ts'
import { matchRoute, type Visit } from './route.ts'
import { routes } from './routes.ts'
import type { Session } from './sessions.ts'
import { type Site, standInNotice } from './site.ts'
import { isLoggedIn } from './users.ts'

/** Cookies live as long as an idle session: a week. */
const cookieSeconds = 7 * 24 * 3600

/** Answers one request with the registries of the worker that took it. */
export async function answerRequest(
  site: Site,
  registries: Registries,
  exchange: Exchange,
): Promise<Answer> {
  const plain = await answerWithoutDatabase(site, exchange)
  if (plain) return plain

  try {
    const { session, database } = await findDatabase(site, exchange)
    const registry = database && (await openOrForget(site, registries, session, database))
    const visit = { site, registries, exchange, session, registry: registry || undefined }
    const answer = await answerRoute(visit)
    return await withSession(site, exchange, session, answer)
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    site.log.warning('odoo.http', `cannot open a database: ${error.message}`)
    return comeAgain
  }
}

/** `plana_gateway` answers so in place of Odoo, before anything of the session has changed. */
const comeAgain: Answer = {
  status: 503,
  headers: [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Cache-Control', 'no-store'],
    ['Retry-After', '5'],
  ],
  body: 'The database cannot be reached at the moment. Please try again shortly.\n',
}

/** Liveness touches no database; with `db_server_status` it asks for `postgres` alone. */
async function answerWithoutDatabase(site: Site, exchange: Exchange): Promise<Answer | undefined> {
  if (exchange.path === '/websocket/health') return health({ status: 'pass' })
  if (exchange.path !== '/web/health') return undefined
  if (!exchange.query.get('db_server_status')) return health({ status: 'pass' })
  const reached = await site.databases
    .of('postgres')('SELECT 1')
    .then(
      () => true,
      () => false,
    )
  return health({ status: reached ? 'pass' : 'fail', db_server_status: reached })
}

function health(state: { status: string; db_server_status?: boolean }): Answer {
  return json(state, state.status === 'pass' ? 200 : 500, [['Cache-Control', 'no-store']])
}

/** Behind `plana_gateway` nothing is forgotten: it throws. */
async function openOrForget(
  site: Site,
  registries: Registries,
  session: Session,
  database: string,
): Promise<Registry | undefined> {
  try {
    return await registries.open(database)
  } catch (error) {
    if (!(error instanceof RegistryError) || site.options.identity) throw error
    site.log
      .of(database)
      .warning('odoo.http', `Database or registry unusable, trying without: ${error.message}`)
    delete session.content.db
    logOut(session)
    return undefined
  }
}

async function answerRoute(visit: Omit<Visit, 'parameters'>): Promise<Answer> {
  const { exchange, registry, session } = visit
  const match = matchRoute(routes, exchange.path)
  if (!match) return refusal(404, 'The requested URL was not found on the server.')
  const { route, parameters } = match
  if (route.methods && !route.methods.includes(exchange.method)) {
    return refusal(405, 'The method is not allowed for the requested URL.')
  }
  if (route.auth !== 'none' && !registry) {
    return exchange.path.startsWith('/web/') && isJson(exchange)
      ? refusal(404, 'No database for this host.')
      : redirect('/web/database/selector')
  }
  if (route.auth === 'user' && registry && !(await isLoggedIn(registry, session))) {
    return isJson(exchange)
      ? json(jsonRpcError(undefined, 'SessionExpiredException', 'Session expired'))
      : redirect(loginPath(exchange))
  }

  try {
    return await route.answer({ ...visit, parameters })
  } catch (error) {
    if (error instanceof BodyTooLargeError) throw error
    visit.site.log
      .of(registry?.database ?? '?')
      .error('odoo.http', 'Exception during request handling.', error)
    return refusal(500, 'The server encountered an internal error.')
  }
}

function isJson(exchange: Exchange): boolean {
  return String(exchange.headers['content-type'] ?? '').startsWith('application/json')
}

async function withSession(
  site: Site,
  exchange: Exchange,
  session: Session,
  answer: Answer,
): Promise<Answer> {
  await site.sessions.save(session)
  const notice = ['X-Stand-In', standInNotice(site.major)] as const
  if (exchange.cookies.get('session_id') === session.sid) {
    return { ...answer, headers: [...answer.headers, notice] }
  }
  const cookie = `session_id=${session.sid}; Max-Age=${cookieSeconds}; HttpOnly; Path=/; SameSite=Lax`
  return { ...answer, headers: [...answer.headers, notice, ['Set-Cookie', cookie]] }
}
