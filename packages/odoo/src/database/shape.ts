import Type from 'typebox'
import { Value } from 'typebox/value'
import { FinalError } from '../final-error.ts'
import type { Connection } from './administration.ts'

/** What personalisation must know of one Odoo database; read while filling, so that a claim asks nothing. */
const shapeSchema = Type.Object({
  adminUser: Type.Integer(),
  adminPartner: Type.Integer(),
  company: Type.Integer(),
  companyPartner: Type.Integer(),
  version: Type.String(),
  partnerColumns: Type.Array(Type.String()),
  sequences: Type.Array(Type.String()),
  signallingTables: Type.Array(Type.String()),
  tables: Type.Array(Type.String()),
  languages: Type.Array(Type.String()),
  modules: Type.Array(Type.String()),
})
export type Shape = Type.Static<typeof shapeSchema>

export function parseShape(value: unknown): Shape {
  return Value.Parse(shapeSchema, value)
}

const query = `
SELECT json_build_object(
  'adminUser', u.id,
  'adminPartner', u.partner_id,
  'company', c.id,
  'companyPartner', c.partner_id,
  'version', (SELECT latest_version FROM ir_module_module WHERE name = 'base' AND state = 'installed'),
  'partnerColumns', (SELECT json_agg(attname) FROM pg_attribute
     WHERE attrelid = 'res_partner'::regclass AND attnum > 0 AND NOT attisdropped),
  'sequences', (SELECT coalesce(json_agg(relname ORDER BY relname), '[]') FROM pg_class
     WHERE relkind = 'S' AND (relname = 'base_registry_signaling' OR relname LIKE 'base\\_cache\\_signaling%')),
  'signallingTables', (SELECT coalesce(json_agg(relname ORDER BY relname), '[]') FROM pg_class
     WHERE relkind = 'r' AND relname LIKE 'orm\\_signaling\\_%'),
  'tables', (SELECT coalesce(json_agg(relname ORDER BY relname), '[]') FROM pg_class
     WHERE relkind = 'r' AND relname IN ('account_move_line', 'bus_bus', 'bus_presence', 'mail_presence', 'ir_cron')),
  'languages', (SELECT coalesce(json_agg(code ORDER BY code), '[]') FROM res_lang WHERE active),
  'modules', (SELECT coalesce(json_agg(name ORDER BY name), '[]') FROM ir_module_module WHERE state = 'installed')
) AS shape
FROM ir_model_data admin
JOIN res_users u ON u.id = admin.res_id
JOIN res_company c ON c.id = u.company_id
WHERE admin.module = 'base' AND admin.name = 'user_admin'`

/** Reads the shape; fails when this is no Odoo database with an administrator. */
export async function readShape(connection: Connection): Promise<Shape> {
  const found = await connection.query("SELECT to_regclass('ir_module_module') IS NOT NULL AS odoo")
  if (found[0]?.odoo !== true) throw new FinalError('this is not a database of Odoo')
  const [row] = await connection.query(query)
  if (row === undefined)
    throw new FinalError('the Odoo database has no administrator (base.user_admin)')
  return parseShape(row.shape)
}
