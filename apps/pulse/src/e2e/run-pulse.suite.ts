import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

export interface CommandResult {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | null
}

export const main = fileURLToPath(new URL('../main.ts', import.meta.url))

const commandSeconds = 120

/** What a person's shell brings along, and nothing that steers another Pulse. */
export function makeEnvironment(stateDir: string): Record<string, string> {
  const own = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || name.startsWith('PLANA_') ? [] : [[name, value] as const],
  )
  return { ...Object.fromEntries(own), PLANA_STATE_DIR: stateDir }
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Who runs it; absent: we. */
  readonly uid?: number | undefined
}

/** Runs `pulse ARGS` to its end. */
export async function runPulse(
  stateDir: string,
  args: readonly string[],
  { env = makeEnvironment(stateDir), uid }: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, [main, ...args], {
    env,
    ...(uid !== undefined && { uid, gid: uid, cwd: '/' }),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: commandSeconds * 1000,
  })
  const stdout = collect(child.stdout)
  const stderr = collect(child.stderr)
  const [exitCode] = await once(child, 'close')
  return { stdout: stdout(), stderr: stderr(), exitCode }
}

/** All that a stream has said so far. */
export function collect(stream: Readable): () => string {
  const parts: string[] = []
  stream.setEncoding('utf8').on('data', (part: string) => parts.push(part))
  return () => parts.join('')
}
