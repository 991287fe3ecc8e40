import type { Query } from './databases.ts'
import type { Site } from './site.ts'

/** `odoo-bin neutralize -d DB`: the copy sends no mail, runs no schedule but the clean-up, and says so. */
export async function neutralise(site: Site): Promise<number> {
  const [database] = site.options.databases
  if (!database) {
    site.log.error(
      'odoo.cli.neutralize',
      'Neutralize command needs a database name. Use "-d" argument',
    )
    return 1
  }
  const log = site.log.of(database)
  log.info('odoo.cli.neutralize', `Starting ${database} database neutralization`)
  await site.burn.for(neutraliseMs)
  try {
    await site.databases.transaction(database, runRules)
  } catch (error) {
    log.critical(
      'odoo.cli.neutralize',
      'An error occurred during the neutralization. THE DATABASE IS NOT NEUTRALIZED!',
      error,
    )
    return 1
  }
  log.info('odoo.modules.neutralize', 'Neutralization finished')
  return 0
}

/** What Odoo's subcommand takes, less the start that is burnt anyway. */
const neutraliseMs = 400

interface Rule {
  /** Skipped where the table does not exist: its module is not installed. */
  readonly table: string
  readonly sql: string
}

const rules: readonly Rule[] = [
  { table: 'ir_mail_server', sql: 'UPDATE ir_mail_server SET active = false' },
  {
    // Without any active server Odoo would fall back to the one of its command line.
    table: 'ir_mail_server',
    sql: `INSERT INTO ir_mail_server
            (name, smtp_host, smtp_port, smtp_encryption, smtp_authentication, active)
          VALUES ('neutralization - disable emails', 'invalid', 1025, 'none', 'login', true)`,
  },
  { table: 'fetchmail_server', sql: 'UPDATE fetchmail_server SET active = false' },
  { table: 'mail_template', sql: 'UPDATE mail_template SET mail_server_id = NULL' },
  {
    table: 'ir_cron',
    sql: `UPDATE ir_cron SET active = false WHERE NOT EXISTS (
            SELECT FROM ir_model_data WHERE model = 'ir.cron' AND module = 'base'
             AND name = 'autovacuum_job' AND res_id = ir_cron.id)`,
  },
  {
    table: 'ir_act_server',
    sql: `UPDATE ir_act_server SET webhook_url = 'neutralization - disable webhook'
          WHERE state = 'webhook'`,
  },
  {
    table: 'payment_provider',
    sql: `UPDATE payment_provider SET state = 'disabled' WHERE state = 'enabled'`,
  },
  { table: 'mail_push', sql: 'DELETE FROM mail_push' },
  {
    table: 'ir_ui_view',
    sql: `UPDATE ir_ui_view SET active = true WHERE key = 'web.neutralize_banner'`,
  },
  {
    table: 'ir_config_parameter',
    sql: `INSERT INTO ir_config_parameter (key, value) VALUES ('database.is_neutralized', 'true')
          ON CONFLICT (key) DO UPDATE SET value = 'true'`,
  },
]

async function runRules(query: Query): Promise<void> {
  for (const { table, sql } of rules) {
    const [found] = await query('SELECT to_regclass($1) IS NOT NULL AS present', [table])
    if (found?.present) await query(sql)
  }
}
