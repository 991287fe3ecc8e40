import { Buffer } from 'node:buffer'
import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { noCgroups } from './cgroup.ts'
import { createMachine, type Machine } from './pod-runner.suite.ts'

/** What this machine allows, and one without root. */
export interface TwoMachines {
  readonly machine: Machine
  readonly bare: Machine
  close(): Promise<void>
}

/** Both with a Secret and a ConfigMap; they take this octet and the next. */
export async function createTwoMachines(octet: number): Promise<TwoMachines> {
  // As under the systemd unit: nothing may come to depend on the umask.
  process.umask(0o077)
  const machine = await createMachine({ octet })
  const bare = await createMachine({
    octet: octet + 1,
    isolation: { ownUsers: false, ownMounts: false, ownSharedMemory: false, cgroups: noCgroups },
  })
  for (const { objects: _, create } of [machine, bare]) {
    await create({
      kind: 'Secret',
      metadata: { name: 'keys', namespace: 'one' },
      data: { password: Buffer.from('s3cret').toString('base64') },
    })
    await create({
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'one' },
      data: { 'odoo.conf': '[options]\n', other: 'x' },
    })
  }
  return {
    machine,
    bare,
    async close() {
      await Promise.all([machine.close(), bare.close()])
    },
  }
}

/** A claim's folder, as its controller makes it. */
export function makeClaim({ stateDir, isolation }: Machine, name: string): string {
  const folder = join(stateDir, 'volumes', 'one', name)
  mkdirSync(join(stateDir, 'volumes', 'one'), { recursive: true, mode: 0o711 })
  mkdirSync(folder, { mode: 0o700 })
  if (isolation.ownUsers) chownSync(folder, 30_001, 30_001)
  return folder
}
