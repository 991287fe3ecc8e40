import { type Answer, refusal } from './answer.ts'
import { callModel } from './call.ts'
import { filterDatabases } from './database-filter.ts'
import { readBody } from './exchange.ts'
import { answerJsonRpc, isRecord, RpcError } from './json-rpc.ts'
import { logIn, logOut } from './login.ts'
import { mustHaveRegistry } from './login-routes.ts'
import type { Registry } from './registries.ts'
import type { Route, Visit } from './route.ts'
import { callService } from './services.ts'
import { configParameter, userOf } from './users.ts'
import { makeFault, makeResponse, parseMethodCall, XmlRpcError } from './xmlrpc.ts'

const post = ['POST']

export const rpcRoutes: readonly Route[] = [
  {
    path: '/xmlrpc/2/:service',
    methods: post,
    auth: 'none',
    answer: (visit) => answerXmlRpc(visit, faultNumbers),
  },
  {
    path: '/xmlrpc/:service',
    methods: post,
    auth: 'none',
    answer: (visit) => answerXmlRpc(visit, faultNames),
  },
  { path: '/jsonrpc', methods: post, auth: 'none', answer: answerService },
  { path: '/web/session/authenticate', methods: post, auth: 'none', answer: answerAuthenticate },
  { path: '/web/session/get_session_info', methods: post, auth: 'user', answer: answerSession },
  {
    path: '/web/session/check',
    methods: post,
    auth: 'user',
    answer: (visit) => answerJsonRpc(visit.exchange, async () => null),
  },
  { path: '/web/session/destroy', methods: post, auth: 'user', answer: answerDestroy },
  { path: '/web/dataset/call_kw', methods: post, auth: 'user', answer: answerCall },
  { path: '/web/dataset/call_kw/*', methods: post, auth: 'user', answer: answerCall },
  { path: '/web/webclient/version_info', methods: post, auth: 'none', answer: answerVersion },
]

type Fault = (error: unknown) => string

async function answerXmlRpc({ site, registries, exchange, parameters }: Visit, fault: Fault) {
  const xml = (await readBody(exchange)).toString('utf8')
  try {
    const { method, parameters: given } = parseMethodCall(xml)
    const service = parameters.service ?? ''
    return xmlAnswer(
      makeResponse(await callService(site, registries, { service, method, parameters: given })),
    )
  } catch (error) {
    if (error instanceof XmlRpcError) return refusal(400, error.message)
    return xmlAnswer(fault(error))
  }
}

function xmlAnswer(body: string): Answer {
  return { status: 200, headers: [['Content-Type', 'text/xml; charset=utf-8']], body }
}

/** /xmlrpc/2: faults are numbers. */
const faultCodes: Readonly<Record<string, number>> = {
  UserError: 2,
  MissingError: 2,
  AccessDenied: 3,
  AccessError: 4,
}

function faultNumbers(error: unknown): string {
  const kind = error instanceof RpcError ? error.kind : ''
  return makeFault(faultCodes[kind] ?? 1, messageOf(error))
}

/** The older twin answers with texts. */
function faultNames(error: unknown): string {
  const kind = error instanceof RpcError ? error.kind : ''
  if (kind === 'AccessDenied') return makeFault('AccessDenied', messageOf(error))
  if (kind in faultCodes) return makeFault(`warning -- ${kind}\n\n${messageOf(error)}`, '')
  return makeFault(messageOf(error), messageOf(error))
}

function answerService({ site, registries, exchange }: Visit) {
  return answerJsonRpc(exchange, ({ service, method, args }) =>
    callService(site, registries, {
      service: String(service),
      method: String(method),
      parameters: Array.isArray(args) ? args : [],
    }),
  )
}

function answerAuthenticate(visit: Visit) {
  const { site, registries, exchange } = visit
  return answerJsonRpc(exchange, async ({ db, login, password }) => {
    const [database] = filterDatabases([String(db)], exchange.host, site.options)
    if (!database) throw new RpcError('AccessError', 'Database not found.')
    const registry = await registries.open(database)
    const user = await logIn(visit, registry, String(login), String(password))
    if (!user) throw new RpcError('AccessDenied', 'Access Denied')
    return sessionInfo(visit, registry)
  })
}

function answerSession(visit: Visit) {
  visit.session.dirty = true
  return answerJsonRpc(visit.exchange, () => sessionInfo(visit, mustHaveRegistry(visit)))
}

function answerDestroy({ exchange, session }: Visit) {
  return answerJsonRpc(exchange, async () => {
    logOut(session)
    return null
  })
}

function answerCall(visit: Visit) {
  return answerJsonRpc(visit.exchange, ({ model, method, args, kwargs }) =>
    callModel(mustHaveRegistry(visit), visit.session.content.uid ?? 0, {
      model: String(model),
      method: String(method),
      args: Array.isArray(args) ? args : [],
      kwargs: isRecord(kwargs) ? kwargs : {},
    }),
  )
}

function answerVersion({ site, registries, exchange }: Visit) {
  return answerJsonRpc(exchange, () =>
    callService(site, registries, { service: 'common', method: 'version', parameters: [] }),
  )
}

async function sessionInfo({ site, session }: Visit, registry: Registry) {
  const user = await userOf(registry, session.content.uid ?? 0)
  if (!user) throw new RpcError('AccessDenied', 'Access Denied')
  return {
    uid: user.id,
    is_system: user.isSystem,
    is_admin: user.isSystem,
    user_context: session.content.context,
    db: registry.database,
    server_version: site.major.version,
    server_version_info: [site.major.number, 0, 0, 'final', 0, ''],
    name: user.name,
    username: user.login,
    partner_display_name: user.name,
    partner_id: user.partnerId,
    'web.base.url': await configParameter(registry, 'web.base.url'),
    user_companies: {
      current_company: user.companyId,
      allowed_companies: { [user.companyId]: { id: user.companyId, name: user.companyName } },
    },
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
