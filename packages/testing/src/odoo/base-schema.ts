import { quoteName } from './databases.ts'
import type { Major } from './majors.ts'

/**
 * The tables of a small database of our own: those that Pulse reads and writes, with the column names
 * and types of a real one, so that the same SQL works on both. `!` is NOT NULL, `>table` a foreign
 * key; every table but the pure links has id and the four log columns besides.
 */
const tables: Readonly<Record<string, string>> = {
  ir_module_category: 'name:jsonb! parent_id:int4 sequence:int4',
  ir_module_module:
    'name:varchar! author:varchar summary:jsonb shortdesc:jsonb description:jsonb state:varchar latest_version:varchar published_version:varchar license:varchar category_id:int4>ir_module_category application:bool demo:bool web:bool auto_install:bool sequence:int4',
  ir_module_module_dependency: 'name:varchar module_id:int4>ir_module_module',
  res_currency:
    'name:varchar! symbol:varchar! full_name:varchar rounding:numeric decimal_places:int4 position:varchar active:bool',
  res_country: 'name:jsonb! code:varchar! currency_id:int4>res_currency phone_code:int4',
  res_lang:
    'name:varchar! code:varchar! iso_code:varchar url_code:varchar! direction:varchar! date_format:varchar! time_format:varchar! week_start:varchar! grouping:varchar! decimal_point:varchar! thousands_sep:varchar active:bool',
  res_partner:
    'name:varchar complete_name:varchar company_id:int4 parent_id:int4>res_partner commercial_partner_id:int4>res_partner country_id:int4>res_country state_id:int4 commercial_company_name:varchar lang:varchar tz:varchar vat:varchar ref:varchar website:varchar function:varchar type:varchar street:varchar street2:varchar zip:varchar city:varchar email:varchar phone:varchar mobile:varchar color:int4 comment:text active:bool employee:bool is_company:bool partner_share:bool',
  res_company:
    'name:varchar! partner_id:int4!>res_partner currency_id:int4!>res_currency parent_id:int4 parent_path:varchar sequence:int4 email:varchar phone:varchar mobile:varchar font:varchar primary_color:varchar secondary_color:varchar layout_background:varchar report_header:jsonb report_footer:jsonb company_details:jsonb logo_web:bytea uses_default_logo:bool active:bool',
  res_users:
    'login:varchar! password:varchar company_id:int4!>res_company partner_id:int4!>res_partner active:bool share:bool action_id:int4 signature:text totp_secret:varchar tour_enabled:bool',
  res_users_settings: 'user_id:int4!>res_users',
  res_users_log: '',
  res_groups: 'name:jsonb! comment:jsonb share:bool color:int4',
  ir_config_parameter: 'key:varchar! value:text!',
  ir_model: 'model:varchar! name:jsonb! state:varchar info:text transient:bool order:varchar',
  ir_model_data: 'module:varchar! name:varchar! model:varchar! res_id:int4 noupdate:bool',
  ir_act_server:
    'name:jsonb! type:varchar! binding_type:varchar model_id:int4!>ir_model model_name:varchar state:varchar! usage:varchar! code:text webhook_url:varchar sequence:int4',
  ir_cron:
    'ir_actions_server_id:int4!>ir_act_server user_id:int4!>res_users cron_name:varchar interval_number:int4 interval_type:varchar priority:int4 nextcall:timestamp! lastcall:timestamp active:bool',
  ir_cron_trigger: 'cron_id:int4>ir_cron call_at:timestamp',
  ir_attachment:
    'name:varchar! type:varchar! res_model:varchar res_field:varchar res_id:int4 company_id:int4>res_company url:varchar access_token:varchar store_fname:varchar checksum:varchar file_size:int4 mimetype:varchar description:text index_content:text db_datas:bytea public:bool',
  ir_mail_server:
    'name:varchar! smtp_host:varchar smtp_port:int4 smtp_user:varchar smtp_pass:varchar smtp_encryption:varchar! smtp_authentication:varchar! from_filter:varchar sequence:int4 smtp_debug:bool active:bool',
  ir_ui_view:
    'name:varchar! key:varchar type:varchar mode:varchar! priority:int4! arch_db:jsonb active:bool',
  ir_sequence:
    'name:varchar! code:varchar prefix:varchar suffix:varchar implementation:varchar! number_next:int4! number_increment:int4! padding:int4! company_id:int4 active:bool',
  ir_default: 'field_id:int4! user_id:int4 company_id:int4 condition:varchar json_value:varchar!',
  ir_logging:
    'name:varchar! type:varchar! dbname:varchar level:varchar path:varchar! func:varchar! line:varchar! message:text!',
  bus_bus: 'channel:varchar message:varchar',
  bus_presence: 'user_id:int4>res_users status:varchar last_poll:timestamp last_presence:timestamp',
}

/** What 17 does otherwise, and what came with 18. */
function tablesOf(major: Major): Record<string, string> {
  const cron = major.cronProgress
    ? 'failure_count:int4 first_failure_date:timestamp'
    : 'numbercall:int4 doall:bool'
  const progress =
    'cron_id:int4!>ir_cron done:int4 remaining:int4 timed_out_counter:int4 deactivate:bool'
  return {
    ...tables,
    ir_cron: `${tables.ir_cron} ${cron}`,
    ...(major.cronProgress && { ir_cron_progress: progress }),
  }
}

const links = [
  'CREATE TABLE res_groups_users_rel (gid int4 NOT NULL REFERENCES res_groups ON DELETE CASCADE, uid int4 NOT NULL REFERENCES res_users ON DELETE CASCADE, PRIMARY KEY (gid, uid))',
  'CREATE TABLE res_company_users_rel (cid int4 NOT NULL REFERENCES res_company ON DELETE CASCADE, user_id int4 NOT NULL REFERENCES res_users ON DELETE CASCADE, PRIMARY KEY (cid, user_id))',
]

const unique = [
  'ALTER TABLE ir_config_parameter ADD CONSTRAINT ir_config_parameter_key_uniq UNIQUE (key)',
  'ALTER TABLE ir_module_module ADD CONSTRAINT ir_module_module_name_uniq UNIQUE (name)',
  'ALTER TABLE res_users ADD CONSTRAINT res_users_login_key UNIQUE (login)',
  'ALTER TABLE res_company ADD CONSTRAINT res_company_name_uniq UNIQUE (name)',
  'ALTER TABLE res_lang ADD CONSTRAINT res_lang_code_uniq UNIQUE (code)',
  'CREATE UNIQUE INDEX ir_model_data_module_name_uniq_index ON ir_model_data (module, name)',
  'CREATE INDEX ir_attachment_res_idx ON ir_attachment (res_model, res_id)',
]

/** The statements, in an order in which every foreign key finds its table. */
export function baseSchema(major: Major): string[] {
  const creates = Object.entries(tablesOf(major)).map(([name, columns]) =>
    createTable(name, columns),
  )
  return [...creates, ...links, ...unique]
}

/** The tables that hold a record each, as `ir_model` lists them. */
export function baseModels(major: Major): string[] {
  return Object.keys(tablesOf(major)).map((table) => table.replaceAll('_', '.'))
}

const logColumns = 'create_uid int4, write_uid int4, create_date timestamp, write_date timestamp'

function createTable(name: string, columns: string): string {
  const own = columns
    .split(' ')
    .filter((column) => column !== '')
    .map(columnOf)
  return `CREATE TABLE ${name} (id serial PRIMARY KEY, ${[...own, logColumns].join(', ')})`
}

function columnOf(text: string): string {
  const match = /^(\w+):(\w+)(!?)(?:>(\w+))?$/.exec(text)
  if (!match) throw new Error(`column ${text} is not understood`)
  const [, name = '', type = '', required, target] = match
  const reference = target ? ` REFERENCES ${target}` : ''
  return `${quoteName(name)} ${type}${required ? ' NOT NULL' : ''}${reference}`
}
