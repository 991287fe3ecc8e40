import { nextDue, runDueJobs } from './cron.ts'
import { filterDatabases } from './database-filter.ts'
import { listDatabases } from './host-database.ts'
import type { ScheduleRun } from './plana-gateway.ts'
import type { Registries } from './registries.ts'
import type { Site } from './site.ts'

/** Runs the due jobs of a database that nobody visits; one run at a time for each. */
export function createScheduleRunner(
  site: Site,
  registries: Registries,
): (database: string) => Promise<ScheduleRun> {
  const running = new Set<string>()
  return async (database) => {
    const served = filterDatabases(await listDatabases(site), database, site.options)
    if (!served.includes(database)) throw new Error('this server does not serve that database')
    if (running.has(database)) {
      throw new Error('the schedules of that database are running already')
    }
    running.add(database)
    try {
      await registries.open(database)
      const jobs = await runDueJobs(site, registries, database)
      return { jobs, next: await nextDue(site.databases.of(database)) }
    } finally {
      running.delete(database)
    }
  }
}
