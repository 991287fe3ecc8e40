import { type MachineStatus, machineStatus } from '../machine-status/schema.ts'
import { askServer } from './ask-server.ts'

/** The parts of the answer have less, together. */
const patienceMs = 10_000

/** The whole machine, as its running server tells; undefined when it does not answer. */
export async function readMachine(
  stateDir: string,
  signal: AbortSignal,
): Promise<MachineStatus | undefined> {
  const schema = machineStatus
  return await askServer(stateDir, { path: '/status', schema, patienceMs, signal })
}
