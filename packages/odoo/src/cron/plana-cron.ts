import { request } from 'node:http'

/** Where an environment's actions can be run now. */
export interface CronBackend {
  /** `http://address:port` of one ready server; of a pool, any of its workers. */
  readonly origin: string
  /** The one header by which that server knows us. */
  readonly headers: Readonly<Record<string, string>>
  readonly database: string
}

/** What came of a run; the time of the next action in epoch milliseconds, passed when something is due still. */
export interface CronRun {
  readonly jobs: number
  readonly nextAt: number | undefined
}

export interface CronRunner {
  run(environment: string, signal: AbortSignal): Promise<CronRun>
}

/** An answer is a few numbers, or a reason of one line. */
const longestAnswerBytes = 4_096

/**
 * Runs what is due at once, as `RunSchedules` asks for it: through `POST /plana/cron` of the server-wide module `plana_gateway`. 421 (another server, or one that
 * is being stopped) and 503 (a run is under way, modules are changing) are failures: nothing ran, ask again later.
 */
export function createPlanaCron(
  backendOf: (environment: string) => CronBackend | undefined,
): CronRunner {
  return {
    async run(environment, signal) {
      const backend = backendOf(environment)
      if (backend === undefined) throw new Error(`no server of ${environment} is ready`)
      const { statusCode, text } = await post(backend, signal)
      if (statusCode !== 200) {
        throw new Error(`schedules of ${environment} did not run: ${statusCode} ${text}`.trim())
      }
      return parseRun(text)
    },
  }
}

/** The run's own limit is the signal: nothing is sent before it ends. */
function post(
  { origin, headers, database }: CronBackend,
  signal: AbortSignal,
): Promise<{ readonly statusCode: number; readonly text: string }> {
  const body = JSON.stringify({ database })
  return new Promise((resolve, reject) => {
    const asking = request(`${origin}/plana/cron`, {
      method: 'POST',
      headers: {
        ...headers,
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
      },
      agent: false,
      signal,
    })
    asking.on('response', (answer) => {
      const { 'x-pulse-refused': refused } = answer.headers
      if (answer.statusCode === 421 && refused !== undefined) {
        // The guard's word is all of it: nobody waits for an end that a server's own end may cut off.
        resolve({ statusCode: 421, text: String(refused) })
        asking.destroy()
        return
      }
      let text = ''
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (text.length <= longestAnswerBytes) return
        reject(new Error('the answer is too long'))
        asking.destroy()
      })
      answer.on('error', reject)
      answer.on('end', () => resolve({ statusCode: answer.statusCode ?? 0, text }))
    })
    asking.on('error', reject)
    // Of one that switches protocols nothing else is heard.
    asking.on('upgrade', (_, socket) => {
      socket.destroy()
      reject(new Error('the answer is none'))
    })
    asking.end(body)
  })
}

function parseRun(text: string): CronRun {
  const answer: unknown = JSON.parse(text)
  if (typeof answer !== 'object' || answer === null) throw new Error('the answer is no object')
  const jobs = 'jobs' in answer ? answer.jobs : undefined
  const next = 'next' in answer ? answer.next : undefined
  if (typeof jobs !== 'number') throw new Error('the answer does not say how many jobs ran')
  return { jobs, nextAt: typeof next === 'number' ? next * 1_000 : undefined }
}
