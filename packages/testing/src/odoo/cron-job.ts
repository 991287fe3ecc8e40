import type { Query, Row } from './databases.ts'
import type { Major } from './majors.ts'
import type { ServerLog } from './server-log.ts'

export interface JobRun {
  readonly query: Query
  readonly job: Row
  readonly major: Major
  readonly database: string
  readonly log: ServerLog
}

/** Does one job and plans the next: the due triggers go, the trace stays in `ir_logging`. */
export async function runJob({ query, job, major, database, log }: JobRun): Promise<void> {
  const name = String(job.cron_name ?? job.id)
  const logger = 'odoo.addons.base.models.ir_cron'
  log.info(logger, `Starting job \`${name}\`.`)
  const started = performance.now()

  await doKnownWork(query, name)
  const interval = `${Number(job.interval_number ?? 1)} ${intervalUnit(String(job.interval_type))}`
  await query(
    `UPDATE ir_cron SET lastcall = now() AT TIME ZONE 'UTC', nextcall = COALESCE((
       SELECT min(due) FROM generate_series($2::timestamp,
         now() AT TIME ZONE 'UTC' + $3::interval, $3::interval) AS due
       WHERE due > now() AT TIME ZONE 'UTC'), nextcall) WHERE id = $1`,
    [job.id, job.nextcall, interval],
  )
  await query(
    `DELETE FROM ir_cron_trigger WHERE cron_id = $1 AND call_at <= now() AT TIME ZONE 'UTC'`,
    [job.id],
  )
  if (major.cronProgress) {
    await query(
      `INSERT INTO ir_cron_progress (cron_id, done, remaining, timed_out_counter, create_date)
       VALUES ($1, 0, 0, 0, now() AT TIME ZONE 'UTC')`,
      [job.id],
    )
  }
  await query(
    `INSERT INTO ir_logging (create_date, name, type, dbname, level, path, func, line, message)
     VALUES (now() AT TIME ZONE 'UTC', $1, 'server', $2, 'INFO', 'ir_cron', 'run', '0', $3)`,
    [logger, database, `Job done: ${name}`],
  )
  const seconds = ((performance.now() - started) / 1000).toFixed(3)
  log.info(logger, `Job done: \`${name}\` (${seconds}s).`)
}

/** The clean-up is real, so that a test can see that a schedule ran; other jobs only move on. */
async function doKnownWork(query: Query, name: string): Promise<void> {
  if (name !== 'Base: Auto-vacuum internal data') return
  await query(
    `DELETE FROM bus_bus WHERE create_date < now() AT TIME ZONE 'UTC' - interval '24 hours'`,
  )
  await query(
    `DELETE FROM ir_cron_trigger WHERE call_at < now() AT TIME ZONE 'UTC' - interval '1 week'`,
  )
}

const units = new Set(['minutes', 'hours', 'days', 'weeks', 'months'])

function intervalUnit(type: string): string {
  return units.has(type) ? type : 'days'
}
