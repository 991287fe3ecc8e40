import type { Shape } from './shape.ts'
import { asynchronousCommit, identifier, literal } from './statements.ts'

/** Who an environment is for. */
export interface Person {
  readonly databaseUuid: string
  readonly databaseSecret: string
  /** A value that no process ever saw under this database's name. */
  readonly signalling: number
  readonly baseUrl: string
  /** Where wkhtmltopdf loads styles from: not always the address that browsers use. */
  readonly reportUrl: string
  readonly ownerEmail: string
  readonly companyName: string
  readonly language: string
  readonly timezone: string
  readonly currency: string
  readonly country?: string | undefined
}

/**
 * Everything that turns a copy of a template into somebody's own Odoo, as one transaction that may be repeated.
 * The administrator's password hash is already inside since the filling.
 */
export function personalise(person: Person, shape: Shape): string {
  return [
    'BEGIN',
    asynchronousCommit,
    ...parameters(person),
    ...administrator(person, shape),
    ...company(person, shape),
    ...schedule(shape),
    ...silence(shape),
    ...signal(person, shape),
    'COMMIT',
  ].join(';\n')
}

function parameters(person: Person): readonly string[] {
  const values = {
    'database.uuid': person.databaseUuid,
    'database.secret': person.databaseSecret,
    'web.base.url': person.baseUrl,
    'web.base.url.freeze': 'True',
    'report.url': person.reportUrl,
  }
  const rows = Object.entries(values).map(([key, value]) => `(${literal(key)}, ${literal(value)})`)
  return [
    `INSERT INTO ir_config_parameter (key, value) VALUES ${rows.join(', ')}
     ON CONFLICT (key) DO UPDATE SET value = excluded.value, write_date = now() AT TIME ZONE 'UTC'`,
    `UPDATE ir_config_parameter SET value = to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') WHERE key = 'database.create_date'`,
  ]
}

function administrator(person: Person, shape: Shape): readonly string[] {
  return [
    `UPDATE res_users SET login = ${literal(person.ownerEmail)} WHERE id = ${shape.adminUser}`,
    updatePartner(shape, shape.adminPartner, {
      ...email(person),
      ...language(person, shape),
      tz: person.timezone,
    }),
  ]
}

function company(person: Person, shape: Shape): readonly string[] {
  const name = person.companyName
  const statements = [
    `UPDATE res_company SET name = ${literal(name)}, email = ${literal(person.ownerEmail)} WHERE id = ${shape.company}`,
    updatePartner(shape, shape.companyPartner, {
      name,
      complete_name: name,
      commercial_company_name: name,
      ...email(person),
      ...language(person, shape),
      tz: person.timezone,
    }),
    ...currency(person, shape),
  ]
  if (person.country === undefined) return statements
  const country = `(SELECT id FROM res_country WHERE code = ${literal(person.country)})`
  return [
    ...statements,
    `UPDATE res_partner SET country_id = ${country}, state_id = CASE WHEN country_id = ${country} THEN state_id END
     WHERE id = ${shape.companyPartner} AND ${country} IS NOT NULL`,
  ]
}

/** Once there is an accounting entry, its currency is a fact that must not change under it. */
function currency(person: Person, shape: Shape): readonly string[] {
  const code = literal(person.currency)
  const noEntries = shape.tables.includes('account_move_line')
    ? ' AND NOT EXISTS (SELECT FROM account_move_line)'
    : ''
  return [
    `UPDATE res_currency SET active = true WHERE name = ${code} AND NOT active`,
    `UPDATE res_company SET currency_id = wanted.id FROM res_currency wanted
     WHERE res_company.id = ${shape.company} AND wanted.name = ${code} AND res_company.currency_id <> wanted.id${noEntries}`,
  ]
}

/** Without this every scheduled action of the template is overdue and runs at the first start, all at once. */
function schedule(shape: Shape): readonly string[] {
  if (!shape.tables.includes('ir_cron')) return []
  return [
    `UPDATE ir_cron SET nextcall = date_trunc('second', now() AT TIME ZONE 'UTC') + interval '10 minutes' + (id * 97 % 3000) * interval '1 second'
     WHERE active AND nextcall < now() AT TIME ZONE 'UTC' + interval '10 minutes'`,
  ]
}

/** No message and no presence of anybody else. */
function silence(shape: Shape): readonly string[] {
  return ['bus_bus', 'bus_presence', 'mail_presence']
    .filter((table) => shape.tables.includes(table))
    .map((table) => `DELETE FROM ${identifier(table)}`)
}

/** A warm process compares these values for equality only, so they must be new for the name (decision D10). */
function signal({ signalling }: Person, shape: Shape): readonly string[] {
  return [
    ...shape.sequences.map((name) => `SELECT setval(${regclass(name)}, ${signalling})`),
    ...shape.signallingTables.flatMap((name) => [
      `INSERT INTO ${identifier(name)} (id) VALUES (${signalling}) ON CONFLICT DO NOTHING`,
      `DELETE FROM ${identifier(name)} WHERE id <> ${signalling}`,
      `SELECT setval(pg_get_serial_sequence(${literal(name)}, 'id'), ${signalling})`,
    ]),
  ]
}

function email({ ownerEmail }: Person): Readonly<Record<string, string>> {
  return { email: ownerEmail, email_normalized: ownerEmail.toLowerCase() }
}

/** Only a language whose translations are in the database can be used. */
function language(person: Person, shape: Shape): Readonly<Record<string, string>> {
  return shape.languages.includes(person.language) ? { lang: person.language } : {}
}

/** Modules add columns (`email_normalized` comes with mail): those that are missing are passed over. */
function updatePartner(shape: Shape, id: number, values: Readonly<Record<string, string>>): string {
  const settings = Object.entries(values)
    .filter(([column]) => shape.partnerColumns.includes(column))
    .map(([column, value]) => `${identifier(column)} = ${literal(value)}`)
  return `UPDATE res_partner SET ${settings.join(', ')} WHERE id = ${id}`
}

function regclass(name: string): string {
  return `${literal(identifier(name))}::regclass`
}
