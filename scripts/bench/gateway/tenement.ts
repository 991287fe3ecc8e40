import { execFile, execFileSync } from 'node:child_process'
import { chmod, mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '@pulse/testing'
import { untilListening } from './listening.ts'
import type { Peer } from './peers.ts'
import { otherCore, type PinnedProcess, proxyCore, startPinned } from './pinned-process.ts'
import { versionIn } from './version-in.ts'

/** `ten` of the crate tenement-cli, if it is in the PATH. */
export function tenementVersion(): string | undefined {
  try {
    return versionIn('ten', ['--version'])
  } catch {
    return undefined
  }
}

export interface Tenement {
  readonly port: number
  /** The host under which its one instance is asked. */
  readonly host: string
  readonly process: PinnedProcess
  stop(): Promise<void>
}

/** A tenement with one instance of `program`, which serves at the port that PORT names. */
export async function startTenement(program: string, directory: string): Promise<Tenement> {
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
  const tell = async (word: string) => {
    await promisify(execFile)('ten', [word, 'small:bench'], { cwd: data, env, timeout: 20_000 })
  }
  await untilListening(port)
  await tell('spawn')
  const stop = () => tell('stop')
  return {
    ...{ port, host: 'bench.small.localhost', stop },
    process: {
      ...server,
      async [Symbol.asyncDispose]() {
        await stop().catch(() => {})
        await server[Symbol.asyncDispose]()
      },
    },
  }
}

/** It stands before processes that it starts itself: here the backend of the others, one of its own. */
export function tenementPeer(): Peer {
  return {
    name: 'tenement',
    version: tenementVersion(),
    kinds: ['keep-alive'],
    async start(_backendPort, directory) {
      return startTenement(await writeBackendProgram(directory), directory)
    },
  }
}

async function writeBackendProgram(directory: string): Promise<string> {
  const path = join(directory, 'whole-backend')
  const main = join(import.meta.dirname, 'backend-main.ts')
  const command = `exec taskset -c ${otherCore} ${process.execPath} ${main}`
  await writeFile(path, `#!/bin/sh\n${command}\n`)
  await chmod(path, 0o700)
  return path
}
