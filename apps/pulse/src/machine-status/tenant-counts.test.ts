import { environmentNames, machineDomains } from '@pulse/api'
import { expect, test } from 'vitest'
import { createRoutingTable } from '../routing/routing-table.ts'
import { countTenants } from './tenant-counts.ts'

const apiVersion = 'planapulse.com/v1alpha1'
const claimed = { type: 'DatabaseReady', status: 'True', reason: 'Claimed' }
const ready = { type: 'Ready', status: 'True', reason: 'Available' }

function tableOf(
  environments: Readonly<Record<string, { conditions: readonly object[]; replicas?: number }>>,
  suspended: readonly string[] = [],
) {
  const table = createRoutingTable(machineDomains)
  for (const [client, { conditions, replicas = 1 }] of Object.entries(environments)) {
    const status = suspended.includes(client) ? 'suspended' : 'active'
    const spec = { client, name: 'prod', odooVersion: '18', hosting: 'instance' } as const
    const { namespace, deployment } = environmentNames(spec, machineDomains)
    table.note(
      {
        apiVersion,
        kind: 'PLANAClient',
        metadata: { name: client },
        spec: { ownerName: 'A', status },
      },
      false,
    )
    table.note(
      {
        ...{ apiVersion, kind: 'TenantEnvironment', metadata: { name: `${client}-prod` } },
        ...{ spec, status: { conditions } },
      },
      false,
    )
    table.note(
      {
        ...{ apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas } },
        metadata: { name: deployment, namespace, resourceVersion: '1' },
      },
      false,
    )
  }
  return table
}

test('each environment counts once among ready, being made, failing and suspended', async () => {
  const crash = { type: 'WorkersReady', status: 'False', reason: 'CrashLoopBackOff' }
  const table = tableOf(
    {
      asleep: { conditions: [ready, claimed], replicas: 0 },
      awake: { conditions: [ready, claimed] },
      crashing: { conditions: [claimed, crash] },
      made: { conditions: [] },
      paused: { conditions: [ready, claimed], replicas: 0 },
      stuck: { conditions: [{ ...claimed, status: 'False', reason: 'ClaimFailed' }] },
    },
    ['paused'],
  )
  expect(await countTenants(table)).toMatchObject({
    environments: 6,
    readyEnvironments: 3,
    readyClients: 3,
    creatingEnvironments: 1,
    failingEnvironments: 2,
    suspendedEnvironments: 1,
    asleepEnvironments: 1,
    unready: ['crashing-prod', 'made-prod', 'stuck-prod'],
  })
})
