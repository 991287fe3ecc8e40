import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { collect } from './run-pulse.suite.ts'
import type { Worker } from './tenant.suite.ts'
import type { Attempts } from './tenant-code.suite.ts'

const program = fileURLToPath(new URL('tenant-code.suite.ts', import.meta.url))

/** What came of each attempt, `done` or the error. */
export type Outcomes = Readonly<Record<string, string>>

/** Tries it as the tenant's own code would there: its user, its group and no other, its mounts. */
export async function tryInTenant({ pid, uid }: Worker, attempts: Attempts): Promise<Outcomes> {
  const asTenant = [`--target=${pid}`, '--mount', `--setuid=${uid}`, `--setgid=${uid}`]
  return await run('nsenter', [...asTenant, '--', process.execPath, program], attempts)
}

/** Tries the same as whoever runs the tests. */
export async function tryOutside(attempts: Attempts): Promise<Outcomes> {
  return await run(process.execPath, [program], attempts)
}

async function run(
  command: string,
  args: readonly string[],
  attempts: Attempts,
): Promise<Outcomes> {
  const child = spawn(command, args, { stdio: 'pipe', timeout: 60_000 })
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
  child.stdin.end(JSON.stringify(attempts))
  const [exitCode] = await once(child, 'close')
  if (exitCode !== 0) throw new Error(`ended with ${exitCode}: ${stderr()}`)
  return JSON.parse(stdout())
}
