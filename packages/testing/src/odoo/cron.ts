import { runJob } from './cron-job.ts'
import type { Query, Row } from './databases.ts'
import type { Major } from './majors.ts'
import type { Registries } from './registries.ts'
import type { Site } from './site.ts'

const logger = 'odoo.addons.base.models.ir_cron'
/** Without a notification the schedules are looked at this often. */
const sleepMs = 60_000

/**
 * Runs schedules as Odoo does: a threaded server those of the databases in its memory only, so a
 * restart silences whoever is not visited; a prefork server those of every database the role owns,
 * whatever dbfilter says. NOTIFY `cron_trigger` on `postgres` wakes it.
 */
export async function startCron(site: Site, registries: Registries): Promise<() => Promise<void>> {
  const { databases, log, options } = site
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let pending = false
  let round: Promise<void> | undefined

  const visit = async (): Promise<void> => {
    const names = options.workers > 0 ? await ownedOrNamed(site) : registries.loaded()
    for (const name of names) {
      if (stopped) return
      await processJobs(site, registries, name)
      if (options.workers > 0 && names.length > 1) await databases.release(name)
    }
  }

  const wake = (): void => {
    if (stopped) return
    pending = round !== undefined
    if (round) return
    clearTimeout(timer)
    round = visit()
      .catch((error: unknown) =>
        log.warning('odoo.service.server', 'cron0 encountered an Exception:', error),
      )
      .then(() => {
        round = undefined
        timer = setTimeout(wake, sleepMs)
        if (pending) wake()
      })
  }

  const unlisten = await databases.listen('cron_trigger', wake)
  timer = setTimeout(wake, sleepMs)
  return async () => {
    stopped = true
    clearTimeout(timer)
    await unlisten()
    await round
  }
}

async function ownedOrNamed({ options, databases }: Site): Promise<readonly string[]> {
  return options.databases.length > 0 ? options.databases : databases.owned()
}

async function processJobs(site: Site, registries: Registries, database: string): Promise<void> {
  try {
    await runDueJobs(site, registries, database)
  } catch (error) {
    const log = site.log.of(database)
    if (error instanceof SkippedError) log.warning(logger, error.message)
    else log.warning(logger, 'Exception in cron:', error)
  }
}

/** Schedules rest while a database changes, or when it is another version's. */
export class SkippedError extends Error {
  override name = 'SkippedError'
}

/** Runs what is due once, each job in a transaction of its own; how many were run. */
export async function runDueJobs(
  site: Site,
  registries: Registries,
  database: string,
): Promise<number> {
  const { databases, major } = site
  const query = databases.of(database)
  if (!(await isRunnable(query, major))) {
    throw new SkippedError(
      `Skipping database ${database} because of its version or of modules to install/upgrade/remove.`,
    )
  }
  let jobs = 0
  for (const id of await readyJobs(query)) {
    await registries.open(database)
    await databases.transaction(database, async (inside) => {
      const job = await acquireJob(inside, id)
      if (!job) return
      await runJob({ query: inside, job, major, database, log: site.log.of(database) })
      jobs += 1
    })
  }
  return jobs
}

/** When the next job is due, in epoch seconds; null when none ever is. */
export async function nextDue(query: Query): Promise<number | null> {
  const [row] = await query(
    `SELECT ceil(extract(epoch FROM min(due)))::float8 AS due FROM (
       SELECT nextcall AS due FROM ir_cron WHERE active
       UNION ALL
       SELECT t.call_at FROM ir_cron_trigger t JOIN ir_cron c ON c.id = t.cron_id WHERE c.active
     ) AS dues`,
  )
  return typeof row?.due === 'number' ? row.due : null
}

/** Never on another version's database, nor while modules are changing. */
async function isRunnable(query: Query, major: Major): Promise<boolean> {
  const [row] = await query(
    `SELECT (SELECT latest_version FROM ir_module_module WHERE name = 'base') AS version,
            EXISTS (SELECT FROM ir_module_module WHERE state LIKE 'to %') AS changing`,
  )
  return String(row?.version ?? '').startsWith(`${major.version}.`) && row?.changing === false
}

const isDue = `active AND (nextcall <= now() AT TIME ZONE 'UTC' OR EXISTS (
  SELECT FROM ir_cron_trigger t
  WHERE t.cron_id = ir_cron.id AND t.call_at <= now() AT TIME ZONE 'UTC'))`

async function readyJobs(query: Query): Promise<number[]> {
  const rows = await query(`SELECT id FROM ir_cron WHERE ${isDue} ORDER BY priority, id`)
  return rows.map(({ id }) => Number(id))
}

/** Undefined where another process has the job, or has just done it. */
async function acquireJob(query: Query, id: number): Promise<Row | undefined> {
  const [job] = await query(
    `SELECT * FROM ir_cron WHERE id = $1 AND ${isDue} FOR NO KEY UPDATE SKIP LOCKED`,
    [id],
  )
  return job
}
