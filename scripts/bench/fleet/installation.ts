import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createClientKinds } from '@pulse/api'
import type { ObjectsClient } from '@pulse/engine'
import { adminConnection, socketFolder } from '@pulse/odoo'
import { connectTo } from '../../../apps/pulse/src/commands/connect.ts'
import { readConfig } from '../../../apps/pulse/src/config.ts'
import { openIdentity } from '../../../apps/pulse/src/installation/identity.ts'
import { openMachine } from '../../../apps/pulse/src/installation/machine.ts'
import { openStateDirectory } from '../../../apps/pulse/src/installation/state-directory.ts'
import { type Running, readRunning } from '../../../apps/pulse/src/server/running.ts'
import { makeOwnState } from '../own-state.ts'
import { readMetrics, until } from '../pulse.ts'

const main = join(import.meta.dirname, '../../../apps/pulse/src/main.ts')

/** A state directory with its PostgreSQL, in which Pulse is started and ended several times. */
export interface Installation extends AsyncDisposable {
  readonly env: NodeJS.ProcessEnv
  readonly stateDir: string
  /** Of the store, for the administrator. */
  store(): Promise<{ readonly host: string; readonly port: number; readonly user: string }>
  start(): Promise<RunningPulse>
}

export interface RunningPulse {
  readonly running: Running
  readonly token: string
  /** From the start of its process until everything is served. */
  readonly startSeconds: number
  readonly process: ChildProcess
  connect(): Promise<ObjectsClient>
  figures(): Promise<ProcessFigures>
  /** Objects that wait for a pass of a controller, or are in one. */
  waiting(): Promise<number>
  /** PostgreSQL and tenants stay. */
  end(): Promise<void>
}

export interface ProcessFigures {
  readonly rssBytes: number
  /** Of the process since its start. */
  readonly cpuSeconds: number
}

export async function openInstallation(
  settings: Readonly<Record<string, string>> = {},
): Promise<Installation> {
  const { stateDir, env } = await makeOwnState(settings)
  const pulse = (...args: readonly string[]) =>
    spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] })

  return {
    env,
    stateDir,
    async store() {
      const state = await openStateDirectory(stateDir)
      const { record, postgresAddress } = await openMachine(state)
      const place = { run: socketFolder(stateDir), listenAddress: postgresAddress }
      const { admin } = adminConnection({ ...place, port: record.postgresPort })
      return { host: String(admin.host), port: Number(admin.port), user: String(admin.user) }
    },
    async start() {
      const begun = performance.now()
      const server = pulse('up', '--keep-tenants')
      const running = await until(
        'Pulse runs',
        () => {
          if (server.exitCode !== null) throw new Error(`Pulse ended with ${server.exitCode}`)
          return readRunning(stateDir)
        },
        10,
      )
      const startSeconds = (performance.now() - begun) / 1000
      const state = await openStateDirectory(stateDir)
      const { token } = await openIdentity(state, new Date())
      return {
        ...{ running, token, startSeconds, process: server },
        connect: () => connectTo(readConfig({ stateDir }), createClientKinds()),
        figures: () => readProcess(running.pid),
        async waiting() {
          const text = await readMetrics(`${running.metrics}/metrics`, token)
          const depths = text.matchAll(/^pulse_engine_queue_depth\{.*\} (\d+)$/gm)
          return [...depths].reduce((sum, [, depth]) => sum + Number(depth), 0)
        },
        async end() {
          const exited = once(server, 'exit')
          server.kill('SIGTERM')
          await exited
        },
      }
    },
    async [Symbol.asyncDispose]() {
      const down = pulse('down')
      await once(down, 'exit')
      await rm(stateDir, { recursive: true, force: true })
    },
  }
}

const ticksPerSecond = 100
const pageBytes = 4096

/** As proc(5) tells it. */
async function readProcess(pid: number): Promise<ProcessFigures> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [utime, stime, rss] = [fields[11], fields[12], fields[21]].map(Number)
  return {
    rssBytes: (rss ?? 0) * pageBytes,
    cpuSeconds: ((utime ?? 0) + (stime ?? 0)) / ticksPerSecond,
  }
}
