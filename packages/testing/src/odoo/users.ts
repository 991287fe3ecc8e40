import { createHmac, timingSafeEqual } from 'node:crypto'
import { checkPassword } from './password-hash.ts'
import type { Registry } from './registries.ts'
import { createRemembered } from './remembered.ts'
import type { Session } from './sessions.ts'

export interface User {
  readonly id: number
  readonly login: string
  readonly name: string
  readonly partnerId: number
  readonly companyId: number
  readonly companyName: string
  readonly lang: string
  readonly tz: string
  readonly isSystem: boolean
}

/** Checks login and password against `res_users`; undefined says no, without saying why. */
export async function authenticate(
  registry: Registry,
  login: string,
  password: string,
): Promise<number | undefined> {
  if (!login || !password) return undefined
  const [user] = await registry.query(
    `SELECT id, COALESCE(password, '') AS password FROM res_users
     WHERE login = $1 AND active ORDER BY id LIMIT 1`,
    [login],
  )
  if (!user) return undefined
  const check = await checkPassword(password, String(user.password))
  if (!check.valid) return undefined
  if (check.replacement) {
    await registry.query('UPDATE res_users SET password = $2 WHERE id = $1', [
      user.id,
      check.replacement,
    ])
    await registry.invalidate()
  }
  return Number(user.id)
}

const users = createRemembered<User | undefined>()
const tokens = createRemembered<string>()
const parameters = createRemembered<string | undefined>()

/** The user with its company, as the registry remembers them. */
export function userOf(registry: Registry, uid: number): Promise<User | undefined> {
  return users(registry, uid, async () => {
    const [row] = await registry.query(
      `SELECT u.id, u.login, p.name, p.lang, p.tz, u.partner_id, u.company_id, c.name AS company,
              EXISTS (SELECT FROM res_groups_users_rel r
                      JOIN ir_model_data d ON d.module = 'base' AND d.name = 'group_system'
                       AND d.model = 'res.groups' AND d.res_id = r.gid
                      WHERE r.uid = u.id) AS system
       FROM res_users u JOIN res_partner p ON p.id = u.partner_id
       JOIN res_company c ON c.id = u.company_id WHERE u.id = $1 AND u.active`,
      [uid],
    )
    if (!row) return undefined
    return {
      id: Number(row.id),
      login: String(row.login),
      name: String(row.name),
      partnerId: Number(row.partner_id),
      companyId: Number(row.company_id),
      companyName: String(row.company),
      lang: String(row.lang ?? 'en_US'),
      tz: String(row.tz ?? ''),
      isSystem: row.system === true,
    }
  })
}

/** Ties a session to login, password and secret of its user: a change of any ends every session. */
export function sessionToken(registry: Registry, sid: string, uid: number): Promise<string> {
  return tokens(registry, `${sid}:${uid}`, async () => {
    const [row] = await registry.query(
      `SELECT u.id, u.login, u.password, u.active,
              (SELECT value FROM ir_config_parameter WHERE key = 'database.secret') AS secret
       FROM res_users u WHERE u.id = $1`,
      [uid],
    )
    if (!row?.active) return ''
    const key = JSON.stringify([row.secret, row.id, row.login, row.password])
    return createHmac('sha256', key).update(sid).digest('hex')
  })
}

/** Whether this session may still act as its user in this database. */
export async function isLoggedIn(registry: Registry, session: Session): Promise<boolean> {
  const { uid, session_token: token = '' } = session.content
  if (uid === undefined || !token) return false
  const expected = await sessionToken(registry, session.sid, uid)
  if (expected.length !== token.length) return false
  return timingSafeEqual(Buffer.from(expected), Buffer.from(token))
}

export function configParameter(registry: Registry, key: string): Promise<string | undefined> {
  return parameters(registry, key, async () => {
    const [row] = await registry.query('SELECT value FROM ir_config_parameter WHERE key = $1', [
      key,
    ])
    return row ? String(row.value) : undefined
  })
}
