import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Registry } from './registries.ts'
import type { Visit } from './route.ts'
import { renewSession, type Session } from './sessions.ts'
import { authenticate, configParameter, sessionToken, type User, userOf } from './users.ts'

const csrfLifetimeSeconds = 48 * 3600

/** Logs the visit's session in, or leaves it as it was and answers undefined. */
export async function logIn(
  { site, exchange, session }: Visit,
  registry: Registry,
  login: string,
  password: string,
): Promise<User | undefined> {
  const log = site.log.of(registry.database)
  const from = `db:${registry.database} login:${login} from ${exchange.remoteAddress}`
  const uid = await authenticate(registry, login, password)
  const user = uid === undefined ? undefined : await userOf(registry, uid)
  if (!user) {
    log.info('odoo.addons.base.models.res_users', `Login failed for ${from}`)
    return undefined
  }

  log.info('odoo.addons.base.models.res_users', `Login successful for ${from}`)
  await rememberLogin(registry, user, `${exchange.scheme}://${exchange.host}`)
  renewSession(session)
  session.content = {
    db: registry.database,
    uid: user.id,
    login: user.login,
    context: { lang: user.lang, tz: user.tz || false, uid: user.id },
    session_token: await sessionToken(registry, session.sid, user.id),
  }
  return user
}

export function logOut(session: Session): void {
  const { db } = session.content
  session.content = db === undefined ? {} : { db }
  renewSession(session)
}

/** A form's proof that it came from a page of this session; valid two days. */
export async function csrfToken(registry: Registry, session: Session): Promise<string> {
  const until = Math.floor(Date.now() / 1000) + csrfLifetimeSeconds
  return `${await csrfDigest(registry, session, until)}o${until}`
}

export async function isCsrfToken(registry: Registry, session: Session, token: string) {
  const [digest = '', until = ''] = token.split('o')
  if (!/^\d+$/.test(until) || Number(until) < Date.now() / 1000) return false
  const expected = await csrfDigest(registry, session, Number(until))
  if (digest.length !== expected.length) return false
  return timingSafeEqual(Buffer.from(digest), Buffer.from(expected))
}

async function csrfDigest(registry: Registry, session: Session, until: number): Promise<string> {
  const secret = (await configParameter(registry, 'database.secret')) ?? ''
  return createHmac('sha1', secret).update(`${session.sid}${until}`).digest('hex')
}

/** Odoo notes each login and, unless told to leave it, takes the administrator's address as the base URL. */
async function rememberLogin(registry: Registry, user: User, baseUrl: string): Promise<void> {
  await registry.query(
    `INSERT INTO res_users_log (create_uid, write_uid, create_date, write_date)
     VALUES ($1, $1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')`,
    [user.id],
  )
  if (!user.isSystem || (await configParameter(registry, 'web.base.url.freeze'))) return
  if ((await configParameter(registry, 'web.base.url')) === baseUrl) return
  await registry.query(`UPDATE ir_config_parameter SET value = $1 WHERE key = 'web.base.url'`, [
    baseUrl,
  ])
  await registry.invalidate()
}
