import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ForkServer } from './fork-server.ts'
import { requestFork } from './request-fork.ts'

/** A real parent that has nothing loaded: its forks become the program of their container. */
export interface ForkParent extends ForkServer {
  readonly pid: number
  kill(): Promise<void>
}

const program = join(import.meta.dirname, '../../../../../odoo/forking')

/** Ends with us, as what Pulse starts does. */
export async function startForkParent(stateDir: string): Promise<ForkParent> {
  const folder = join(stateDir, 'forks')
  const socket = join(folder, 'socket')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const args = ['-I', '-B', program, '--major=18', `--socket=${socket}`]
  const child = spawn('/usr/bin/python3', args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PULSE_ROOM: ' '.repeat(50_000) },
    detached: true,
  })
  const [said] = await once(child.stdout, 'data')
  if (!String(said).includes('ready')) throw new Error(`no parent: ${said}`)
  return {
    pid: child.pid ?? 0,
    problem: () => undefined,
    fork: (request, signal) => requestFork(socket, request, signal),
    async kill() {
      if (child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}
