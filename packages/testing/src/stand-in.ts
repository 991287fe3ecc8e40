import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { OdooMajor } from '@pulse/api'

/** How the stand-in of one major is called, with `odoo-bin`'s own arguments after these. */
export interface StandInProgram {
  readonly command: string
  readonly args: readonly string[]
}

/** The row of the runtime table that serves while no runtime of this major is registered. */
export function standInProgram(major: OdooMajor): StandInProgram {
  return {
    command: process.execPath,
    args: [fileURLToPath(new URL('./odoo/main.ts', import.meta.url)), `--standin-major=${major}`],
  }
}

export interface StandInOptions {
  readonly major: OdooMajor
  /** As for `odoo-bin`; interface and a free port are added. */
  readonly args: readonly string[]
  /** Where PostgreSQL is: PGHOST, PGPORT, PGUSER, PGPASSWORD. */
  readonly environment: Readonly<Record<string, string>>
  /** 0 burns nothing (the default of tests), 1 what real Odoo needs. */
  readonly burn?: number
}

export interface RunningStandIn extends AsyncDisposable {
  readonly process: ChildProcess
  readonly httpPort: number
  /** Only with workers: websockets are here then. */
  readonly geventPort: number | undefined
  /** Everything logged so far. */
  log(): string
  /** SIGTERM, and the exit status. */
  stop(): Promise<number | null>
}

/** Starts a stand-in on 127.0.0.1 and waits until it listens; for tests. */
export async function startStandIn(options: StandInOptions): Promise<RunningStandIn> {
  const program = standInProgram(options.major)
  const listening = ['--http-interface=127.0.0.1', '--http-port=0', '--gevent-port=0']
  const child = spawn(program.command, [...program.args, ...listening, ...options.args], {
    env: {
      PATH: process.env.PATH,
      ...options.environment,
      PULSE_STANDIN_BURN: String(options.burn ?? 0),
      PULSE_STANDIN_TRIAL_ROUTES: '1',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let output = ''
  const portOf = (service: string) => {
    const match = new RegExp(`${service} running on \\S+:(\\d+)`).exec(output)
    return match ? Number(match[1]) : undefined
  }
  const evented = options.args.some((argument) => /^--workers=[1-9]/.test(argument))

  await new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', () => reject(new Error(`the stand-in ended before it listened:\n${output}`)))
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8')
      const wanted = evented ? portOf('\\(longpolling\\)') : portOf('\\(werkzeug\\)')
      if (wanted !== undefined) resolve()
    })
  })

  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
    return child.exitCode
  }
  return {
    process: child,
    httpPort: portOf('\\(werkzeug\\)') ?? 0,
    geventPort: portOf('\\(longpolling\\)'),
    log: () => output,
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
    },
  }
}
