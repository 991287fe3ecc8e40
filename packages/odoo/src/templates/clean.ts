import type { OdooMajor } from '@pulse/api'
import type { Connection } from '../database/administration.ts'
import type { Shape } from '../database/shape.ts'
import { identifier, literal } from '../database/statements.ts'
import { differences } from '../runtime/differences.ts'

/**
 * Takes out of a template what belongs to the people who used it: traces, second factors, keys, and every password.
 * The administrator gets his at the filling of each standby; a demo user's known password would be a door.
 */
export async function cleanTemplate(
  connection: Connection,
  major: OdooMajor,
  shape: Shape,
): Promise<void> {
  const wanted = [...differences[major].tracesOfPeople, ...pastTriggers]
  const rows = await connection.query(
    `SELECT relname FROM pg_class WHERE relkind = 'r' AND relname = ANY($1)`,
    [wanted],
  )
  const second = await connection.query(
    `SELECT attname FROM pg_attribute WHERE attrelid = 'res_users'::regclass AND attname = 'totp_secret' AND NOT attisdropped`,
  )
  const statements = [
    'BEGIN',
    ...rows.map(({ relname }) => `DELETE FROM ${identifier(String(relname))}`),
    `UPDATE res_users SET password = NULL WHERE id <> ${shape.adminUser}`,
    ...(second.length > 0 ? ['UPDATE res_users SET totp_secret = NULL'] : []),
    `DELETE FROM ir_config_parameter WHERE key IN (${licence.map(literal).join(', ')})`,
    'COMMIT',
  ]
  await connection.query(statements.join('; '))
}

/** Actions that were due where the dump comes from would all be due at every tenant's first start. */
const pastTriggers = ['ir_cron_trigger']

const licence = [
  'database.enterprise_code',
  'database.expiration_date',
  'database.expiration_reason',
  'database.already_linked_subscription_url',
]
