import { type MachineTop, machineTop } from '../machine-top/schema.ts'
import { askServer } from './ask-server.ts'

const patienceMs = 10_000

/** What runs and what it uses, as the running server measures it; undefined when it does not answer. */
export async function readTop(
  stateDir: string,
  signal: AbortSignal,
): Promise<MachineTop | undefined> {
  return await askServer(stateDir, { path: '/top', schema: machineTop, patienceMs, signal })
}
