import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '@pulse/testing'

const program = '/usr/sbin/haproxy'

/** Why HAProxy is not asked; undefined where it is there. */
export const haproxyMissing = existsSync(program)
  ? undefined
  : 'no HAProxy: apt-get install haproxy'

export interface Haproxy {
  readonly port: number
  end(): Promise<void>
}

/** HAProxy in front of one server, with what it takes and refuses by itself. */
export async function startHaproxy(serverPort: number): Promise<Haproxy> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-haproxy-'))
  const file = join(folder, 'haproxy.cfg')
  const port = await freePort()
  await writeFile(file, configOf(port, serverPort))
  const child = spawn(program, ['-db', '-q', '-f', file], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  while (!(await isListening(port))) {
    if (child.exitCode !== null) throw new Error(`HAProxy has ended with ${child.exitCode}`)
    await pause(5)
  }
  return {
    port,
    async end() {
      child.kill('SIGKILL')
      await exited
      await rm(folder, { recursive: true })
    },
  }
}

/** Only what is unfinished waits for a time limit. */
function configOf(port: number, serverPort: number): string {
  return `
global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 2s
  timeout http-request 2s
  timeout server 5s
frontend front
  bind 127.0.0.1:${port}
  default_backend back
backend back
  server one 127.0.0.1:${serverPort}
`
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('error', () => resolve(false))
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
