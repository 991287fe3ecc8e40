import { entitlements } from '../../packages/api/src/entitlements.ts'
import { checkedActions } from '../../packages/odoo/src/cron/checked-actions.ts'
import { type GeneratedFile, generatedNote, table } from './generated-file.ts'

/** Which scheduled actions of Odoo may find nothing to do, and are then not woken for. */
export function checkedActionsReference(): readonly GeneratedFile[] {
  const rows = checkedActions.map(({ action, majors, means }) => [
    `\`${action}\``,
    majors.join(', '),
    means,
  ])
  const intervals = Object.entries(entitlements)
    .map(([tier, { scheduleIntervalSeconds }]) => `${tier}: ${scheduleIntervalSeconds / 60} min`)
    .join(', ')
  const text = `${generatedNote}# Scheduled actions that are looked at before a tenant wakes

A sleeping tenant wakes when one of its scheduled actions is due: within a minute, actions within the same minute together, and at most as often as its tier allows (${intervals}); what that delays runs later and is not lost.

For the actions below Pulse first looks in the database whether there is anything to do. If there is not, nobody is woken: the action stays due, and Pulse looks again when it would have run next. It runs at the next wake for any other cause, and in any case a week after its last run.

Every other action wakes. So does one of these that was asked for (\`ir_cron_trigger\`), whose code, kind or model is not Odoo's own, whose model is extended by a module of another author than Odoo, or whose table cannot be read within two seconds.

${table(['Action', 'Odoo', 'Wakes when'], rows)}`
  return [{ path: 'docs/reference/scheduled-actions.md', text }]
}
