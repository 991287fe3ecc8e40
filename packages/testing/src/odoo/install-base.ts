import { randomUUID } from 'node:crypto'
import { fillPeople } from './base-people.ts'
import { type Insert, inserter, nameRecord, translated } from './base-records.ts'
import { baseModels, baseSchema } from './base-schema.ts'
import type { Query } from './databases.ts'
import type { Major } from './majors.ts'
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
  // Nobody else has this version: Odoo cannot open such a database, and Pulse says so by it.
  const modules = { base: `${major.version}.stand-in`, web: version, bus: version }
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
