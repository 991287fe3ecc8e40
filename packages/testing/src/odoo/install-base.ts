import { randomUUID } from 'node:crypto'
import { baseModels, baseSchema } from './base-schema.ts'
import type { Query } from './databases.ts'
import type { Major } from './majors.ts'
import { hashPassword } from './password-hash.ts'
import { ensureSignals } from './signals.ts'
import type { Site } from './site.ts'

/** What a real installation of `base` costs beyond the start. */
const installMs = 4_000

/** Installs the small database, login admin / admin; one that is already Odoo's is left as it is. */
export async function installBase(site: Site, database: string): Promise<void> {
  const log = site.log.of(database)
  const query = site.databases.of(database)
  const [known] = await query(`SELECT to_regclass('public.ir_module_module') AS name`)
  if (known?.name) return

  log.info('odoo.modules.loading', 'init db')
  await site.burn.for(installMs)
  await site.databases.transaction(database, async (inside) => {
    for (const sql of baseSchema(site.major)) await inside(sql)
    await fill(inside, site.major, site.options.httpPort)
    await ensureSignals(inside, site.major)
  })
  log.info('odoo.modules.loading', 'Modules loaded.')
}

async function fill(query: Query, major: Major, httpPort: number): Promise<void> {
  const insert = inserter(query)
  await fillModules(insert, major)
  await fillPeople(insert, major)

  for (const model of baseModels(major)) {
    await insert('ir_model', {
      model,
      name: translated(model),
      state: 'base',
      transient: false,
      order: 'id',
    })
  }
  const parameters = {
    'database.uuid': randomUUID(),
    'database.secret': randomUUID(),
    'database.create_date': new Date().toISOString().slice(0, 19).replace('T', ' '),
    'web.base.url': `http://localhost:${httpPort}`,
    'base.login_cooldown_after': '10',
    'base.login_cooldown_duration': '60',
  }
  for (const [key, value] of Object.entries(parameters)) {
    await insert('ir_config_parameter', { key, value })
  }
  await insert('ir_ui_view', {
    name: 'Neutralize banner',
    key: 'web.neutralize_banner',
    type: 'qweb',
    mode: 'extension',
    priority: 16,
    active: false,
  })
  await fillSchedules(insert, query, major)
  await query(
    `UPDATE res_partner SET complete_name = name, commercial_partner_id = id WHERE complete_name IS NULL`,
  )
}

async function fillModules(insert: Insert, major: Major): Promise<void> {
  const version = `${major.version}.1.0`
  const modules = { base: major.baseVersion, web: version, bus: version }
  for (const [name, latest] of Object.entries(modules)) {
    await insert('ir_module_module', {
      name,
      state: 'installed',
      latest_version: latest,
      license: 'LGPL-3',
      shortdesc: translated(name),
      demo: false,
      application: false,
      auto_install: name !== 'base',
    })
  }
}

async function fillPeople(insert: Insert, major: Major): Promise<void> {
  const eur = await insert('res_currency', {
    name: 'EUR',
    symbol: '€',
    full_name: 'Euro',
    rounding: 0.01,
    decimal_places: 2,
    position: 'after',
    active: true,
  })
  const bgn = await insert('res_currency', {
    name: 'BGN',
    symbol: 'лв',
    full_name: 'Bulgarian lev',
    rounding: 0.01,
    decimal_places: 2,
    position: 'after',
    active: false,
  })
  await insert('res_currency', {
    name: 'USD',
    symbol: '$',
    full_name: 'United States dollar',
    rounding: 0.01,
    decimal_places: 2,
    position: 'before',
    active: true,
  })
  await insert('res_country', {
    name: translated('Bulgaria'),
    code: 'BG',
    currency_id: bgn,
    phone_code: 359,
  })
  await insert('res_country', {
    name: translated('Germany'),
    code: 'DE',
    currency_id: eur,
    phone_code: 49,
  })
  for (const [code, name, active] of [
    ['en_US', 'English (US)', true],
    ['bg_BG', 'Bulgarian / български език', false],
  ] as const) {
    await insert('res_lang', {
      code,
      name,
      iso_code: code.slice(0, 2),
      url_code: code.slice(0, 2),
      direction: 'ltr',
      date_format: '%d.%m.%Y',
      time_format: '%H:%M:%S',
      week_start: '1',
      grouping: '[3,0]',
      decimal_point: '.',
      thousands_sep: ',',
      active,
    })
  }

  const partner = (name: string, active: boolean, more: Record<string, unknown> = {}) =>
    insert('res_partner', {
      name,
      active,
      lang: 'en_US',
      type: 'contact',
      is_company: false,
      partner_share: false,
      ...more,
    })
  const own = await partner('My Company', true, { is_company: true })
  const company = await insert('res_company', {
    name: 'My Company',
    partner_id: own,
    currency_id: eur,
    sequence: 0,
    parent_path: '1/',
    layout_background: 'Blank',
    uses_default_logo: true,
    active: true,
  })

  const user = async (login: string, name: string, active: boolean, password?: string) => {
    const partnerId = await partner(
      name,
      active,
      login === 'admin' ? { email: 'admin@example.com' } : {},
    )
    return insert('res_users', {
      login,
      password,
      partner_id: partnerId,
      company_id: company,
      active,
      share: login !== 'admin' && login !== '__system__',
    })
  }
  await user('__system__', 'System', false)
  const admin = await user('admin', 'Administrator', true, await hashPassword('admin'))
  if (major.number < 19) await user('default', 'Default User Template', false)
  const anonymous = await user('public', 'Public user', false)
  const portal = await user('portaltemplate', 'Portal User Template', false)
  await nameRecord(insert, 'user_admin', 'res.users', admin)
  await nameRecord(insert, 'public_user', 'res.users', anonymous)
  await nameRecord(insert, 'main_company', 'res.company', company)
  await nameRecord(insert, 'main_partner', 'res.partner', own)
  await insert('ir_config_parameter', {
    key: 'base.template_portal_user_id',
    value: String(portal),
  })

  for (const [name, label] of [
    ['group_system', 'Settings'],
    ['group_user', 'Internal User'],
  ] as const) {
    const group = await insert('res_groups', { name: translated(label), share: false })
    await nameRecord(insert, name, 'res.groups', group)
    await insert('res_groups_users_rel', { gid: group, uid: admin })
  }
  await insert('res_company_users_rel', { cid: company, user_id: admin })
}

async function fillSchedules(insert: Insert, query: Query, major: Major): Promise<void> {
  const [model] = await query(`SELECT id FROM ir_model WHERE model = 'ir.cron'`)
  const jobs = {
    autovacuum_job: 'Base: Auto-vacuum internal data',
    ir_cron_res_users_deletion: 'Base: Portal Users Deletion',
  }
  for (const [id, name] of Object.entries(jobs)) {
    const action = await insert('ir_act_server', {
      name: translated(name),
      type: 'ir.actions.server',
      binding_type: 'action',
      model_id: model?.id,
      model_name: 'ir.cron',
      state: 'code',
      usage: 'ir_cron',
      code: '',
    })
    const counted = major.cronProgress ? { failure_count: 0 } : { numbercall: -1, doall: false }
    const cron = await insert('ir_cron', {
      ir_actions_server_id: action,
      user_id: 1,
      cron_name: name,
      interval_number: 1,
      interval_type: 'days',
      priority: 3,
      nextcall: new Date().toISOString(),
      active: true,
      ...counted,
    })
    await nameRecord(insert, id, 'ir.cron', cron)
  }
}

type Insert = (table: string, values: Record<string, unknown>) => Promise<number | undefined>

/** Inserts with the log columns where the table has them, and answers the new id. */
function inserter(query: Query): Insert {
  return async (table, values) => {
    const link = table.endsWith('_rel')
    const row = link ? values : { ...values, create_uid: 1, write_uid: 1 }
    const columns = Object.keys(row).map((name) => `"${name}"`)
    const places = columns.map((_, index) => `$${index + 1}`)
    const dates = link ? '' : ', create_date, write_date'
    const now = link ? '' : `, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'`
    const [inserted] = await query(
      `INSERT INTO ${table} (${columns.join(', ')}${dates}) VALUES (${places.join(', ')}${now})
       ${link ? '' : 'RETURNING id'}`,
      Object.values(row),
    )
    return inserted ? Number(inserted.id) : undefined
  }
}

async function nameRecord(insert: Insert, name: string, model: string, id: number | undefined) {
  await insert('ir_model_data', { module: 'base', name, model, res_id: id, noupdate: true })
}

function translated(text: string): string {
  return JSON.stringify({ en_US: text })
}
