/** Makes sleeping tenants and puts them into a store: `seed-main.ts DATABASE_URL FROM TO`, configured as the Pulse that will serve them. */
import { createVolumeFolders, detectIsolation, type Volumes } from '@pulse/engine'
import { createLog } from '@pulse/service'
import pg from 'pg'
import { readConfig } from '../../../apps/pulse/src/config.ts'
import { openMachine } from '../../../apps/pulse/src/installation/machine.ts'
import { openStateDirectory } from '../../../apps/pulse/src/installation/state-directory.ts'
import { machineParameters } from '../../../apps/pulse/src/server/parameters.ts'
import { openRuntimes } from '../../../apps/pulse/src/server/runtimes.ts'
import { makeTenant, type StoredObject } from './make-tenant.ts'
import { putIntoStore, readBase } from './store-rows.ts'
import { seedLabel, tenantLike } from './tenants-like.ts'

const [url = '', from = 0, to = 0] = process.argv.slice(2)
const batch = 50

const noFolders: Volumes = { create: async () => {}, remove: async () => {} }

const config = readConfig({ stateDir: process.env.PLANA_STATE_DIR ?? '' })
const state = await openStateDirectory(config.stateDir)
const machine = await openMachine(state)
const { ownUsers } = await detectIsolation()
const log = createLog('error')
const halt = new AbortController()
const runtimes = await openRuntimes(config, { log, signal: halt.signal })
const parameters = machineParameters(config, {
  httpPort: machine.record.httpPort ?? 0,
  postgres: { host: machine.postgresAddress, port: machine.record.postgresPort },
  isolation: ownUsers ? 'enforced' : 'shared-user',
})

const store = new pg.Client({ connectionString: url })
await store.connect()
const base = await readBase(store)
const seed = await makeTenant(seedLabel, {
  ...{ base, runtimes, parameters },
  machine: { log, volumes: noFolders, ...(ownUsers && { uids: machine.uids }) },
})
const folders = createVolumeFolders(state.paths.volumes)
for (let first = Number(from); first < Number(to); first += batch) {
  const count = Math.min(batch, Number(to) - first)
  const batchOf = Array.from({ length: count }, (_, offset) => first + offset)
  const stored: StoredObject[] = []
  for (const index of batchOf) {
    const osUid = ownUsers ? uidAt(index) : undefined
    const tenant = tenantLike(seed, { index, osUid })
    stored.push(...tenant)
    for (const { object } of tenant) {
      const { name, namespace = '' } = object.metadata
      if (object.kind === 'PersistentVolumeClaim') await folders.create({ namespace, name }, osUid)
    }
  }
  await putIntoStore(store, stored)
  process.send?.({ made: first + count - Number(from) })
}
await store.end()
halt.abort()
process.disconnect?.()

/** The first few belong to what is there already. */
function uidAt(index: number): number {
  return machine.uids.first + 1000 + index
}
