import type { OdooMajor } from '@pulse/api'
import type { CheckedAction } from './checked-actions.ts'

interface Rows {
  readonly insert: readonly string[]
  readonly remove: readonly string[]
}

const id = 9_000_001
const now = `now() AT TIME ZONE 'UTC'`

/** What a table must hold so that its action has work; the values of a row, without the `id`. */
const values: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  mail_mail: { mail_message_id: '1', state: `'outgoing'` },
  fetchmail_server: { name: `'in'`, server_type: `'imap'`, state: `'done'`, active: 'true' },
  mail_message_schedule: { mail_message_id: '1', scheduled_datetime: now },
  mail_scheduled_message: {
    res_id: '1',
    author_id: '1',
    model: `'res.partner'`,
    scheduled_date: now,
  },
  mail_notification_web_push: { user_device: '1' },
  mail_push: { mail_push_device_id: '1' },
  mail_notification: {
    mail_message_id: '1',
    res_partner_id: '1',
    notification_type: `'inbox'`,
    notification_status: `'sent'`,
    is_read: 'true',
    read_date: `${now} - interval '200 days'`,
  },
  discuss_channel_member: {
    channel_id: '1',
    partner_id: '1',
    mute_until_dt: now,
  },
  res_users_settings: { user_id: '9000001', mute_until_dt: now },
  sms_sms: { state: `'outgoing'` },
  snailmail_letter: {
    res_id: '1',
    partner_id: '1',
    company_id: '1',
    model: `'account.move'`,
    state: `'pending'`,
  },
  digest_digest: {
    name: `'{"en_US": "Digest"}'`,
    periodicity: `'daily'`,
    state: `'activated'`,
    next_run_date: 'current_date',
  },
  res_users_deletion: { state: `'todo'` },
  res_partner_autocomplete_sync: { partner_id: '1', synched: 'false' },
  crm_lead: { name: `'Lead'`, type: `'lead'`, create_date: now },
  sale_order: {
    name: `'S1'`,
    company_id: '1',
    partner_id: '1',
    partner_invoice_id: '1',
    partner_shipping_id: '1',
    picking_policy: `'direct'`,
    warehouse_id: '1',
    date_order: now,
    pending_email_template_id: '1',
  },
  account_move: {
    journal_id: '1',
    currency_id: '1',
    state: `'draft'`,
    move_type: `'entry'`,
    auto_post: `'at_date'`,
    date: 'current_date',
  },
  res_users: {
    company_id: '1',
    partner_id: '1',
    login: `'invited'`,
    notification_type: `'email'`,
    active: 'true',
    share: 'false',
    create_date: `${now} - interval '5 days'`,
  },
  payment_transaction: {
    provider_id: '1',
    payment_method_id: '1',
    currency_id: '1',
    partner_id: '1',
    reference: `'P1'`,
    state: `'done'`,
    amount: '1',
    last_state_change: now,
  },
}

/** What is not null in one major only. */
const more: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '18 discuss_channel_member': { new_message_separator: '1' },
  '19 discuss_channel_member': { new_message_separator: '1' },
  '18 res_users_settings': { calendar_default_privacy: `'public'` },
  '19 sale_order': { state: `'draft'` },
}

export function rowsWithWork({ action, tables }: CheckedAction, major: OdooMajor): Rows {
  if (action === 'calendar.ir_cron_scheduler_alarm') return reminder
  const [table] = tables
  if (table === undefined) return { insert: [], remove: [] }
  const sending: Readonly<Record<string, string>> =
    action !== 'account.ir_cron_account_move_send'
      ? {}
      : { [major === '17' ? 'send_and_print_values' : 'sending_data']: `'{"sending": 1}'` }
  const row = { id: String(id), ...values[table], ...more[`${major} ${table}`], ...sending }
  const columns = Object.keys(row).join(', ')
  return {
    insert: [`INSERT INTO ${table} (${columns}) VALUES (${Object.values(row).join(', ')})`],
    remove: [`DELETE FROM ${table} WHERE id = ${id}`],
  }
}

const reminder: Rows = {
  insert: [
    `INSERT INTO calendar_alarm (id, name, alarm_type, interval, duration)
     VALUES (${id}, '{"en_US": "E-mail"}', 'email', 'hours', 1)`,
    `INSERT INTO calendar_event (id, name, start, stop, active, privacy, show_as)
     VALUES (${id}, 'Meeting', ${now} + interval '30 minutes', ${now} + interval '1 hour', true, 'public', 'busy')`,
    `INSERT INTO calendar_alarm_calendar_event_rel (calendar_event_id, calendar_alarm_id) VALUES (${id}, ${id})`,
  ],
  remove: [
    `DELETE FROM calendar_alarm_calendar_event_rel WHERE calendar_event_id = ${id}`,
    `DELETE FROM calendar_event WHERE id = ${id}`,
    `DELETE FROM calendar_alarm WHERE id = ${id}`,
  ],
}
