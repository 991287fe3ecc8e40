import { readdir, readFile, rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { runPulse } from './run-pulse.suite.ts'

export interface FoundProcess {
  readonly pid: number
  readonly command: string
}

/** Every process that has this state directory in its command line or environment: server, tasks, tenants, PostgreSQL. */
export async function processesOf(stateDir: string): Promise<readonly FoundProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [command = '', environment = ''] = await Promise.all(
        ['cmdline', 'environ'].map((file) =>
          readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => ''),
        ),
      )
      const isOurs = command.includes(stateDir) || environment.includes(stateDir)
      return isOurs && pid !== process.pid ? [{ pid, command: command.replaceAll('\0', ' ') }] : []
    }),
  )
  return found.flat()
}

/** Ends a Pulse in the orderly way, then whatever still runs by force, and removes its folder. */
export async function endPulse(stateDir: string, exited: Promise<unknown>): Promise<void> {
  await Promise.race([exited, delay(60_000, undefined, { ref: false })])
  if ((await processesOf(stateDir)).length > 0) await runPulse(stateDir, ['down'])
  for (const { pid } of await processesOf(stateDir)) endNow(pid)
  await rm(stateDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
}

function endNow(pid: number) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
