import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { PulseUnderTest } from './pulse-under-test.suite.ts'
import { postgresOf } from './tenant.suite.ts'

export interface FurtherGateway {
  readonly port: number
  readonly child: ChildProcess
}

/** One more gateway on the store of a running Pulse, a process of its own; whoever calls kills it. */
export async function startFurtherGateway(
  pulse: PulseUnderTest,
  options: { readonly leaseSeconds: number; readonly keepsSchedules?: boolean },
): Promise<FurtherGateway> {
  const module = join(import.meta.dirname, 'gateway-process.suite.ts')
  const { admin, tenant } = await postgresOf(pulse)
  const postgres = options.keepsSchedules ? [JSON.stringify({ admin, tenant })] : []
  const child = spawn(
    process.execPath,
    [module, pulse.stateDir, String(options.leaseSeconds), ...postgres],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [line] = await once(child.stdout, 'data')
  return { port: JSON.parse(String(line)).port, child }
}
