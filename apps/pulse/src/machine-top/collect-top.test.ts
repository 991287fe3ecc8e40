import { environmentNames, machineDomains } from '@pulse/api'
import { expect, test } from 'vitest'
import { createVisits } from '../figures/visits.ts'
import { createRoutingTable } from '../routing/routing-table.ts'
import { collectTop } from './collect-top.ts'

const apiVersion = 'planapulse.com/v1alpha1'
const at = Date.parse('2026-01-01T12:00:00Z')

function world(hostings: Readonly<Record<string, 'pool' | 'instance'>>, asleep: readonly string[]) {
  const table = createRoutingTable(machineDomains)
  for (const [client, hosting] of Object.entries(hostings)) {
    const spec = { client, name: 'prod', odooVersion: '18', hosting } as const
    const { namespace, deployment } = environmentNames(spec, machineDomains)
    const claimed = { type: 'DatabaseReady', status: 'True', reason: 'Claimed' }
    const kind = 'TenantEnvironment'
    const metadata = { name: `${client}-prod` }
    table.note({ apiVersion, kind, metadata, spec, status: { conditions: [claimed] } }, false)
    const owner = { ownerName: 'A', sleep: { enabled: true, idleTimeout: '10m' } }
    table.note({ apiVersion, kind: 'PLANAClient', metadata: { name: client }, spec: owner }, false)
    const replicas = asleep.includes(client) ? 0 : 1
    const place = { name: deployment, namespace, resourceVersion: '1' }
    table.note(
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: place, spec: { replicas } },
      false,
    )
  }
  let now = at
  const visits = createVisits(() => now)
  const pod = (namespace: string, cpus: number) => ({
    ...{ namespace, name: 'odoo-1', uid: namespace },
    containers: [{ name: 'odoo', cpus, memoryBytes: 100 }],
  })
  const sources = {
    ...{ table, visits },
    figures: { of: (name: string) => (name === 'awake-prod' ? figures : undefined) },
    use: async () => ({
      ...{ at, windowMs: 1_000 },
      pods: [pod('instance-awake', 0.5), pod('plana-odoo-18', 0.25)],
    }),
    databaseSizes: async (names: readonly string[]) => new Map(names.map((name) => [name, 7])),
    now: () => now,
  }
  const pass = (milliseconds: number) => {
    now += milliseconds
  }
  return { visits, sources, pass }
}

const figures = {
  ...{ state: 'awake', since: 0, wakesToday: 0, awakeMsToday: 0 },
  ...{ wakeTimes: undefined, wakeTimesFrom: {} },
}

test('who runs, or was asked for lately, has a row; the others are counted', async () => {
  const { sources, visits } = world(
    { awake: 'instance', sleeper: 'instance', member: 'pool', quiet: 'pool' },
    ['sleeper'],
  )
  visits.note('awake-prod')
  visits.note('member-prod')
  visits.note('member-prod')
  const top = await collectTop(sources)
  expect(top).toMatchObject({ environments: 4, asleep: 1, totals: { cpus: 0.75, pods: 2 } })
  const rows = Object.fromEntries(top.rows.map((row) => [row.name, row]))
  expect(Object.keys(rows).toSorted()).toEqual(['awake-prod', 'member-prod', 'plana-odoo-18'])
  expect(rows['awake-prod']).toMatchObject({
    ...{ hosting: 'instance', state: 'awake', cpus: 0.5, memoryBytes: 100, requests: 1 },
    ...{ lastRequestAt: at, sleepsAt: at + 600_000, databaseBytes: 7 },
  })
  expect(rows['member-prod']).toMatchObject({ hosting: 'member', cpus: 0, pods: 0, requests: 2 })
  expect(rows['plana-odoo-18']).toMatchObject({ hosting: 'pool', cpus: 0.25, pods: 1 })
})

test('a tenant of a pool that nobody has asked for in ten minutes has no row any more', async () => {
  const { sources, visits, pass } = world({ member: 'pool' }, [])
  visits.note('member-prod')
  pass(10 * 60_000)
  const { rows } = await collectTop(sources)
  expect(rows.map(({ name }) => name)).toEqual(['plana-odoo-18'])
})
