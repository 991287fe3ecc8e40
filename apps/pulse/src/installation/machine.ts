import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chooseLoopback, type Loopback, loopbackOf, type UidRange } from '@pulse/engine'
import Type from 'typebox'
import { canListen } from './free-port.ts'
import { parseJson } from './json-text.ts'
import { type StateDirectory, writeFileAtomically } from './state-directory.ts'

const machineSchema = Type.Object({
  /** Second octet of this installation's loopback range. */
  loopbackOctet: Type.Integer({ minimum: 1, maximum: 254 }),
  postgresPort: Type.Integer({ minimum: 1, maximum: 65_535 }),
  /** Ports of the last start: addresses that people have written down stay good. */
  httpPort: Type.Optional(Type.Integer()),
  apiPort: Type.Optional(Type.Integer()),
  metricsPort: Type.Optional(Type.Integer()),
})

export type MachineRecord = Type.Static<typeof machineSchema>

/** What this installation took of the machine, once and for all. */
export interface Machine {
  readonly record: MachineRecord
  readonly loopback: Loopback
  /** Where tenants reach PostgreSQL. */
  readonly postgresAddress: string
  /** User ids of tenants, when root. */
  readonly uids: UidRange
}

/** Reads the record, or chooses a loopback range and a port that nobody uses. */
export async function openMachine(state: StateDirectory): Promise<Machine> {
  const record = (await readRecord(state)) ?? (await chooseRecord(state))
  const loopback = loopbackOf(record.loopbackOctet)
  const first = firstUid + record.loopbackOctet * uidsPerInstallation
  return {
    record,
    loopback,
    postgresAddress: `${loopback.prefix}.0.2`,
    uids: { first, count: uidsPerInstallation },
  }
}

export async function saveMachine(state: StateDirectory, record: MachineRecord) {
  await writeFileAtomically(pathOf(state), `${JSON.stringify(record, undefined, 2)}\n`)
}

/** Far above accounts, systemd's dynamic users and the usual ranges of containers. */
const firstUid = 0x7000_0000
const uidsPerInstallation = 0x1_0000

async function chooseRecord(state: StateDirectory): Promise<MachineRecord> {
  const loopback = await chooseLoopback(state.root)
  const loopbackOctet = Number(loopback.prefix.split('.')[1])
  const record = { loopbackOctet, postgresPort: await postgresPort(`${loopback.prefix}.0.2`) }
  await saveMachine(state, record)
  return record
}

/** A server of somebody else that listens on every address would be in the way of the usual port. */
async function postgresPort(address: string): Promise<number> {
  for (let port = 5432; port < 5532; port += 1) if (await canListen(address, port)) return port
  throw new Error(`no port is free for PostgreSQL on ${address}`)
}

async function readRecord(state: StateDirectory): Promise<MachineRecord | undefined> {
  const text = await readFile(pathOf(state), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const record = parseJson(machineSchema, text)
  if (record) return record
  throw new Error(
    `${pathOf(state)} is damaged: restore it, or remove it; ports and addresses are then chosen anew`,
  )
}

function pathOf({ root }: StateDirectory): string {
  return join(root, 'machine.json')
}
