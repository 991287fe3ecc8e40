import { request } from 'undici'
import type { RunSchedules } from './cron-calendar.ts'

/** Where an environment's actions can be run now. */
export interface CronBackend {
  /** `http://address:port` of one ready server; of a pool, any of its workers. */
  readonly origin: string
  /** The one header by which that server knows us. */
  readonly headers: Readonly<Record<string, string>>
  readonly database: string
}

/** An answer is a few numbers, or a reason of one line. */
const longestAnswerBytes = 4_096

/**
 * Runs what is due through `POST /plana/cron` of the server-wide module `plana_gateway`. 421 (another server, or one that
 * is being stopped) and 503 (a run is under way, modules are changing) are failures: nothing ran, ask again later.
 */
export function createPlanaCron(
  backendOf: (environment: string) => CronBackend | undefined,
): RunSchedules {
  return {
    async run(environment, signal) {
      const backend = backendOf(environment)
      if (backend === undefined) throw new Error(`no server of ${environment} is ready`)
      const { statusCode, body } = await request(`${backend.origin}/plana/cron`, {
        method: 'POST',
        headers: { ...backend.headers, 'content-type': 'application/json' },
        body: JSON.stringify({ database: backend.database }),
        // The run's own limit is the signal; nothing is sent before it ends.
        headersTimeout: 0,
        reset: true,
        signal,
      })
      let text = ''
      for await (const chunk of body) {
        text += String(chunk)
        if (text.length > longestAnswerBytes) throw new Error('the answer is too long')
      }
      if (statusCode !== 200) {
        throw new Error(`schedules of ${environment} did not run: ${statusCode} ${text}`.trim())
      }
      return parseRun(text)
    },
  }
}

function parseRun(text: string) {
  const answer: unknown = JSON.parse(text)
  if (typeof answer !== 'object' || answer === null) throw new Error('the answer is no object')
  const jobs = 'jobs' in answer ? answer.jobs : undefined
  const next = 'next' in answer ? answer.next : undefined
  if (typeof jobs !== 'number') throw new Error('the answer does not say how many jobs ran')
  return { jobs, nextAt: typeof next === 'number' ? next * 1_000 : undefined }
}
