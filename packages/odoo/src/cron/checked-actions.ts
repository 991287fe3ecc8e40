import type { OdooMajor } from '@pulse/api'

/** A standard action of Odoo whose work one condition on its tables shows. */
export interface CheckedAction {
  /** `module.name` in `ir_model_data`. */
  readonly action: string
  readonly majors: readonly OdooMajor[]
  readonly model: string
  /** What Odoo's own releases have as its code. Another text is a tenant's, and wakes. */
  readonly codes: readonly string[]
  readonly tables: readonly string[]
  /**
   * True when there is work, or may be: it may promise too much, never too little. `{now}` is the moment (UTC) up to
   * which what is due counts.
   */
  readonly hasWork: string
  /** For the documentation. */
  readonly means: string
}

const all: readonly OdooMajor[] = ['17', '18', '19']

/**
 * Decides which due actions wake nobody. Whatever is not here, was edited, or is extended by a module that is not
 * Odoo's own wakes; and so does each of these a week after its last run, so that what no condition sees is done too.
 */
export const checkedActions: readonly CheckedAction[] = [
  {
    action: 'mail.ir_cron_mail_scheduler_action',
    majors: all,
    model: 'mail.mail',
    codes: ['model.process_email_queue()', 'model.process_email_queue(batch_size=1000)'],
    tables: ['mail_mail'],
    hasWork: `SELECT FROM mail_mail WHERE state = 'outgoing' AND (scheduled_date IS NULL OR scheduled_date <= {now})`,
    means: 'an e-mail waits to be sent',
  },
  {
    action: 'mail.ir_cron_mail_gateway_action',
    majors: all,
    model: 'fetchmail.server',
    codes: ['model._fetch_mails()'],
    tables: ['fetchmail_server'],
    hasWork: `SELECT FROM fetchmail_server WHERE active AND state = 'done' AND server_type <> 'local'`,
    means: 'a server to fetch e-mail from is set up',
  },
  {
    action: 'mail.ir_cron_send_scheduled_message',
    majors: all,
    model: 'mail.message.schedule',
    codes: ['model._send_notifications_cron()'],
    tables: ['mail_message_schedule'],
    hasWork: 'SELECT FROM mail_message_schedule WHERE scheduled_datetime <= {now}',
    means: 'a notification of a message is due',
  },
  {
    action: 'mail.ir_cron_post_scheduled_message',
    majors: ['18', '19'],
    model: 'mail.scheduled.message',
    codes: ['model._post_messages_cron()'],
    tables: ['mail_scheduled_message'],
    hasWork: 'SELECT FROM mail_scheduled_message WHERE scheduled_date <= {now}',
    means: 'a message that was written for later is due',
  },
  {
    action: 'mail.ir_cron_web_push_notification',
    majors: ['17'],
    model: 'mail.notification.web.push',
    codes: ['model._push_notification_to_endpoint()'],
    tables: ['mail_notification_web_push'],
    hasWork: 'SELECT FROM mail_notification_web_push',
    means: 'a notification waits for a browser',
  },
  {
    action: 'mail.ir_cron_web_push_notification',
    majors: ['18', '19'],
    model: 'mail.push',
    codes: ['model._push_notification_to_endpoint()'],
    tables: ['mail_push'],
    hasWork: 'SELECT FROM mail_push',
    means: 'a notification waits for a browser',
  },
  {
    action: 'mail.ir_cron_delete_notification',
    majors: all,
    model: 'mail.notification',
    codes: ['model._gc_notifications(max_age_days=180)'],
    tables: ['mail_notification'],
    hasWork: `SELECT FROM mail_notification WHERE is_read AND read_date < {now} - interval '180 days'`,
    means: 'a notification was read half a year ago',
  },
  {
    action: 'mail.ir_cron_discuss_channel_member_unmute',
    majors: all,
    model: 'discuss.channel.member',
    codes: ['model._unmute()', 'model._cleanup_expired_mutes()'],
    tables: ['discuss_channel_member'],
    hasWork: 'SELECT FROM discuss_channel_member WHERE mute_until_dt <= {now}',
    means: 'the silence of a channel is over',
  },
  {
    action: 'mail.ir_cron_discuss_users_settings_unmute',
    majors: ['18'],
    model: 'res.users.settings',
    codes: ['model._cleanup_expired_mutes()'],
    tables: ['res_users_settings'],
    hasWork: 'SELECT FROM res_users_settings WHERE mute_until_dt <= {now}',
    means: "a user's silence is over",
  },
  {
    action: 'sms.ir_cron_sms_scheduler_action',
    majors: all,
    model: 'sms.sms',
    codes: ['model._process_queue()'],
    tables: ['sms_sms'],
    hasWork: `SELECT FROM sms_sms WHERE state = 'outgoing' AND to_delete IS NOT TRUE`,
    means: 'a text message waits to be sent',
  },
  {
    action: 'snailmail.snailmail_print',
    majors: all,
    model: 'snailmail.letter',
    codes: ['model._snailmail_cron()'],
    tables: ['snailmail_letter'],
    hasWork: `SELECT FROM snailmail_letter WHERE state IN ('pending', 'error')`,
    means: 'a letter waits to be sent, or is to be tried again',
  },
  {
    action: 'digest.ir_cron_digest_scheduler_action',
    majors: all,
    model: 'digest.digest',
    codes: ['model._cron_send_digest_email()'],
    tables: ['digest_digest'],
    hasWork: `SELECT FROM digest_digest WHERE state = 'activated' AND next_run_date <= {now} + interval '1 day'`,
    means: 'a digest is due',
  },
  {
    action: 'calendar.ir_cron_scheduler_alarm',
    majors: all,
    model: 'calendar.alarm_manager',
    codes: ['model._send_reminder()'],
    tables: ['calendar_alarm', 'calendar_event', 'calendar_alarm_calendar_event_rel'],
    hasWork: `SELECT FROM calendar_event e
      JOIN calendar_alarm_calendar_event_rel r ON r.calendar_event_id = e.id
      JOIN calendar_alarm a ON a.id = r.calendar_alarm_id
      WHERE e.active AND a.alarm_type <> 'notification'
        AND e.start - (a.duration || ' ' || a.interval)::interval
          BETWEEN {now} - interval '8 days' AND {now}`,
    means: 'a reminder by e-mail or text message fell due within the last week',
  },
  {
    action: 'base.ir_cron_res_users_deletion',
    majors: all,
    model: 'res.users.deletion',
    codes: ['model._gc_portal_users()', 'model._gc_portal_users(batch_size=50)'],
    tables: ['res_users_deletion'],
    hasWork: `SELECT FROM res_users_deletion WHERE state = 'todo'`,
    means: 'a portal user asked to be deleted',
  },
  {
    action: 'base.autovacuum_job',
    majors: all,
    model: 'ir.autovacuum',
    codes: ['model._run_vacuum_cleaner()'],
    tables: [],
    hasWork: 'SELECT WHERE false',
    means: 'never: while nothing runs, nothing gathers; it runs at the next wake for any cause',
  },
  {
    action: 'partner_autocomplete.ir_cron_partner_autocomplete',
    majors: ['17', '18'],
    model: 'res.partner.autocomplete.sync',
    codes: ['model.start_sync()', 'model.start_sync(batch_size=1000)'],
    tables: ['res_partner_autocomplete_sync'],
    hasWork: 'SELECT FROM res_partner_autocomplete_sync WHERE synched IS NOT TRUE',
    means: 'a partner waits to be completed',
  },
  {
    action: 'crm_iap_enrich.ir_cron_lead_enrichment',
    majors: all,
    model: 'crm.lead',
    codes: ['model._iap_enrich_leads_cron()'],
    tables: ['crm_lead'],
    hasWork: `SELECT FROM crm_lead WHERE iap_enrich_done IS NOT TRUE AND create_date > {now} - interval '2 days'`,
    means: 'a lead of the last two days is not enriched',
  },
  {
    action: 'sale_async_emails.cron',
    majors: ['17', '18'],
    model: 'sale.order',
    codes: ['model._cron_send_pending_emails()'],
    tables: ['sale_order'],
    hasWork: 'SELECT FROM sale_order WHERE pending_email_template_id IS NOT NULL',
    means: "an order's e-mail waits to be sent",
  },
  {
    action: 'sale.send_pending_emails_cron',
    majors: ['19'],
    model: 'sale.order',
    codes: ['model._cron_send_pending_emails()'],
    tables: ['sale_order'],
    hasWork: 'SELECT FROM sale_order WHERE pending_email_template_id IS NOT NULL',
    means: "an order's e-mail waits to be sent",
  },
  {
    action: 'account.ir_cron_account_move_send',
    majors: ['17'],
    model: 'account.move',
    codes: ['model._cron_account_move_send(job_count=20)'],
    tables: ['account_move'],
    hasWork: 'SELECT FROM account_move WHERE send_and_print_values IS NOT NULL',
    means: 'an invoice waits to be sent',
  },
  {
    action: 'account.ir_cron_account_move_send',
    majors: ['18', '19'],
    model: 'account.move',
    codes: ['model._cron_account_move_send(job_count=20)', 'model._cron_account_move_send()'],
    tables: ['account_move'],
    hasWork: 'SELECT FROM account_move WHERE sending_data IS NOT NULL',
    means: 'an invoice waits to be sent',
  },
  {
    action: 'account.ir_cron_auto_post_draft_entry',
    majors: all,
    model: 'account.move',
    codes: ['model._autopost_draft_entries()'],
    tables: ['account_move'],
    hasWork: `SELECT FROM account_move WHERE state = 'draft' AND auto_post <> 'no' AND date <= {now} + interval '1 day'`,
    means: 'an entry is to be posted by itself',
  },
  {
    action: 'auth_signup.ir_cron_auth_signup_send_pending_user_reminder',
    majors: all,
    model: 'res.users',
    codes: [
      'model.send_unregistered_user_reminder()',
      'model.send_unregistered_user_reminder(batch_size=100)',
    ],
    tables: ['res_users', 'res_users_log'],
    hasWork: `SELECT FROM res_users u WHERE u.share IS NOT TRUE
      AND u.create_date BETWEEN {now} - interval '7 days' AND {now} - interval '3 days'
      AND NOT EXISTS (SELECT FROM res_users_log l WHERE l.create_uid = u.id)`,
    means: 'a user who was invited some days ago has not come yet',
  },
  {
    action: 'payment.cron_post_process_payment_tx',
    majors: all,
    model: 'payment.transaction',
    codes: ['model._cron_finalize_post_processing()', 'model._cron_post_process()'],
    tables: ['payment_transaction'],
    hasWork: `SELECT FROM payment_transaction WHERE is_post_processed IS NOT TRUE AND last_state_change >= {now} - interval '5 days'`,
    means: 'a payment is not finished',
  },
]

/** Tables in which schedules are read, for the right to do so. */
export const scheduleTables: readonly string[] = [
  ...new Set([
    ...['ir_cron', 'ir_cron_trigger', 'ir_act_server', 'ir_model', 'ir_model_data'],
    'ir_module_module',
    ...checkedActions.flatMap(({ tables }) => tables),
  ]),
]
