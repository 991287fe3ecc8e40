import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '@pulse/testing'
import { untilListening } from './listening.ts'
import { versionIn } from './peers.ts'
import { proxyCore, startPinned } from './pinned-process.ts'

/** Starts the small backend at the first request, and stops it when it is told to. */
export interface Sleeper {
  readonly name: string
  /** Undefined when it is not on this machine. */
  readonly version: string | undefined
  /** `program` serves at the port that PORT names. */
  start(program: string, directory: string): Promise<StartedSleeper>
}

export interface StartedSleeper extends AsyncDisposable {
  readonly port: number
  /** The host under which it is asked. */
  readonly host: string
  /** Resolves when the backend is stopped; absent of what never stops one. */
  readonly sleep?: () => Promise<void>
}

const socketActivate = '/usr/bin/systemd-socket-activate'
const socketProxy = '/lib/systemd/systemd-socket-proxyd'

export const sleepers: readonly Sleeper[] = [pulse(), tenement(), socketProxyd()]

function pulse(): Sleeper {
  return {
    name: 'pulse',
    version: `node ${process.versions.node}`,
    async start(program) {
      const main = join(import.meta.dirname, 'sleeper-main.ts')
      const gateway = startPinned(proxyCore, [process.execPath, main, program], { ipc: true })
      const { port } = JSON.parse(await gateway.firstLine)
      return {
        port,
        host: 'bench.localhost',
        sleep: () => gateway.ask('sleep'),
        [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
      }
    },
  }
}

/** `ten` of the crate tenement-cli, if it is in the PATH. */
function tenement(): Sleeper {
  return {
    name: 'tenement',
    version: versionOf('ten'),
    async start(program, directory) {
      const data = await mkdtemp(join(directory, 'tenement-'))
      await writeFile(
        join(data, 'tenement.toml'),
        `[settings]
data_dir = "${data}"
[service.small]
command = "${program}"
health = "/health"
isolation = "process"
idle_timeout = 3600
`,
      )
      execFileSync('ten', ['token-gen'], { cwd: data, stdio: 'ignore' })
      const port = await freePort()
      const server = startPinned(proxyCore, ['ten', 'serve', '--port', String(port)], {
        quiet: true,
        cwd: data,
      })
      const env = { ...process.env, TENEMENT_SERVER: `http://127.0.0.1:${port}` }
      const tell = (word: string) =>
        promisify(execFile)('ten', [word, 'small:bench'], { cwd: data, env, timeout: 20_000 })
      await untilListening(port)
      await tell('spawn')
      return {
        port,
        host: 'bench.small.localhost',
        sleep: async () => void (await tell('stop')),
        async [Symbol.asyncDispose]() {
          await tell('stop').catch(() => {})
          await server[Symbol.asyncDispose]()
        },
      }
    },
  }
}

/** The first connection starts backend and proxy, which stay: who sends them to sleep is systemd, which is not here. */
function socketProxyd(): Sleeper {
  const isThere = existsSync(socketActivate) && existsSync(socketProxy)
  return {
    name: 'systemd-socket-proxyd',
    version: isThere ? versionIn(socketActivate, ['--version']) : undefined,
    async start(program) {
      const [port, backendPort] = [await freePort(), await freePort()]
      // The proxy does not wait for its backend: a unit orders it after the backend's first answer.
      const script = `PORT=${backendPort} ${program} & until (exec 3<>/dev/tcp/127.0.0.1/${backendPort}) 2>/dev/null; do sleep 0.005; done; exec ${socketProxy} --connections-max=1024 127.0.0.1:${backendPort}`
      const child = spawn(
        'taskset',
        [
          '-c',
          String(proxyCore),
          socketActivate,
          '-l',
          `127.0.0.1:${port}`,
          '/bin/bash',
          '-c',
          script,
        ],
        { stdio: 'ignore', detached: true },
      )
      const { pid } = child
      if (pid === undefined) throw new Error(`cannot start ${socketActivate}`)
      await untilListening(port)
      return {
        port,
        host: 'bench.localhost',
        async [Symbol.asyncDispose]() {
          const exited = once(child, 'exit')
          // Its backend is of the same process group.
          process.kill(-pid, 'SIGKILL')
          await exited
        },
      }
    },
  }
}

/** Undefined when there is no such program. */
function versionOf(program: string): string | undefined {
  try {
    return versionIn(program, ['--version']) || undefined
  } catch {
    return undefined
  }
}
