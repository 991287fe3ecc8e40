import { createHash } from 'node:crypto'
import { callModel } from './call.ts'
import { listDatabases } from './host-database.ts'
import { isRecord, RpcError } from './json-rpc.ts'
import { checkPassword } from './password-hash.ts'
import type { Registries } from './registries.ts'
import { createRemembered } from './remembered.ts'
import type { Site } from './site.ts'
import { authenticate } from './users.ts'

type Parameters = readonly unknown[]

/** The three services behind /xmlrpc, /xmlrpc/2 and /jsonrpc. They name their database themselves: dbfilter does not apply. */
export async function callService(
  site: Site,
  registries: Registries,
  { service, method, parameters }: { service: string; method: string; parameters: Parameters },
): Promise<unknown> {
  if (service === 'common') return callCommon(site, registries, method, parameters)
  if (service === 'object') return callObject(registries, method, parameters)
  if (service === 'db') return callDatabase(site, method, parameters)
  throw new RpcError('KeyError', `'${service}'`)
}

async function callCommon(site: Site, registries: Registries, method: string, given: Parameters) {
  const { version, number } = site.major
  if (method === 'version') {
    return {
      server_version: version,
      server_version_info: [number, 0, 0, 'final', 0, ''],
      server_serie: version,
      protocol_version: 1,
    }
  }
  if (method === 'authenticate' || method === 'login') {
    const [database = '', login = '', password = ''] = given.map(String)
    const registry = await registries.open(database)
    const uid = await authenticate(registry, login, password)
    const outcome = uid === undefined ? 'failed' : 'successful'
    site.log
      .of(database)
      .info(
        'odoo.addons.base.models.res_users',
        `Login ${outcome} for db:${database} login:${login}`,
      )
    return uid ?? false
  }
  if (method === 'about') return 'See http://openerp.com'
  throw new RpcError('UserError', `Method not found: ${method}`)
}

async function callObject(registries: Registries, service: string, given: Parameters) {
  if (service !== 'execute_kw' && service !== 'execute') {
    throw new RpcError('UserError', `Method not available ${service}`)
  }
  const [database, uidGiven, password, model, method, ...rest] = given
  const registry = await registries.open(String(database))
  const uid = Number(uidGiven)
  await mustBeUser(registry, uid, String(password ?? ''))

  const [args, kwargs] = service === 'execute_kw' ? rest : [rest, {}]
  return callModel(registry, uid, {
    model: String(model),
    method: String(method),
    args: Array.isArray(args) ? args : [],
    kwargs: isRecord(kwargs) ? kwargs : {},
  })
}

const validity = createRemembered<boolean>()

/** The hash is worked through once per user and password; afterwards the registry remembers. */
async function mustBeUser(
  registry: Awaited<ReturnType<Registries['open']>>,
  uid: number,
  password: string,
): Promise<void> {
  const fingerprint = createHash('sha256').update(`${uid}:${password}`).digest('hex')
  const valid = await validity(registry, fingerprint, async () => {
    const [user] = await registry.query(
      `SELECT COALESCE(password, '') AS password FROM res_users WHERE id = $1 AND active`,
      [uid],
    )
    if (!user) return false
    return (await checkPassword(password, String(user.password))).valid
  })
  if (!valid) throw new RpcError('AccessDenied', 'Access Denied')
}

async function callDatabase(site: Site, method: string, given: Parameters): Promise<unknown> {
  if (method === 'server_version') return site.major.version
  if (method === 'db_exist') {
    const reached = site.databases.of(String(given[0]))('SELECT 1')
    return reached.then(
      () => true,
      () => false,
    )
  }
  if (method === 'list') {
    if (!site.options.listDatabases) throw new RpcError('AccessDenied', 'Access Denied')
    return listDatabases(site)
  }
  if (method === 'list_lang')
    return [
      ['en_US', 'English (US)'],
      ['bg_BG', 'Bulgarian'],
    ]
  throw new RpcError('AccessDenied', 'Access Denied')
}
