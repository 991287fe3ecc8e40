import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { openMachine } from '../../installation/machine.ts'
import { openStateDirectory } from '../../installation/state-directory.ts'
import { processesOf } from '../processes-of-state.suite.ts'
import { hasEnded } from './victims.suite.ts'

/** Processes, ports, mounts and firewall rules of one installation. */
export async function systemFacts(stateDir: string): Promise<readonly string[]> {
  const { loopback } = await openMachine(await openStateDirectory(stateDir))
  const [processes, mounts, sockets, rules] = await Promise.all([
    processesOf(stateDir),
    readFile('/proc/self/mounts', 'utf8'),
    readFile('/proc/net/tcp', 'utf8'),
    rulesOf(loopback.prefix),
  ])
  const lasting = processes.filter(({ pid, command }) => !isPassing(command) && !hasEnded(pid))
  // One that was killed is started again for the next task.
  const runner = lasting.find(({ command }) => command.includes(' task-runner '))
  return [
    ...lasting
      .filter((one) => one !== runner)
      .map(({ command }) => `process: ${nameOf(command, stateDir)}`),
    ...mounts
      .split('\n')
      .filter((line) => line.includes(stateDir))
      .map((line) => `mount: ${line.replaceAll(stateDir, '')}`),
    ...listenersIn(sockets, loopback.prefix),
    ...rules,
  ]
}

/** Sessions of PostgreSQL come and go with their clients; hooks and probes last for moments. */
function isPassing(command: string): boolean {
  return /^postgres: /.test(command)
}

function nameOf(command: string, stateDir: string): string {
  return command.replaceAll(stateDir, '').replace(/=\d+/g, '=#').slice(0, 120)
}

/** Addresses of tenants are drawn, so that only how many listen on a port is the same. */
function listenersIn(text: string, prefix: string): readonly string[] {
  const [first = 0, second = 0] = prefix.split('.').map(Number)
  const ours = [second, first]
    .map((one) => one.toString(16).padStart(2, '0').toUpperCase())
    .join('')
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => state === '0A' && local.slice(4, 8) === ours)
    .map(([, local = '']) => `listens: ${Number.parseInt(local.slice(9), 16)}`)
}

async function rulesOf(prefix: string): Promise<readonly string[]> {
  const table = `pulse_${prefix.replace('.', '_')}`
  const { stdout } = await promisify(execFile)('nft', ['list', 'table', 'inet', table]).catch(
    () => ({ stdout: '' }),
  )
  const plain = stdout.replace(/elements = \{([^}]*)\}/g, (_, inside: string) => {
    return `elements ${inside.split(',').length}`
  })
  return plain
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== '}')
    .map((line) => `firewall: ${line.replaceAll(table, 'TABLE')}`)
}
