import { startTestPostgres } from './postgres.ts'

/** Vitest's global setup: one PostgreSQL for all files of a run; workers find it in their environment. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.PULSE_TEST_POSTGRES !== undefined) return undefined
  const { stop, ...server } = await startTestPostgres()
  process.env.PULSE_TEST_POSTGRES = JSON.stringify(server)
  return async () => {
    delete process.env.PULSE_TEST_POSTGRES
    await stop()
  }
}
