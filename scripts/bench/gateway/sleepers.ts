import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '@pulse/testing'
import { untilListening } from './listening.ts'
import { proxyCore, startPinned } from './pinned-process.ts'
import { startTenement, tenementVersion } from './tenement.ts'
import { versionIn } from './version-in.ts'

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

function tenement(): Sleeper {
  return {
    name: 'tenement',
    version: tenementVersion(),
    async start(program, directory) {
      const { port, host, stop, process } = await startTenement(program, directory)
      return {
        port,
        host,
        sleep: stop,
        [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
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
