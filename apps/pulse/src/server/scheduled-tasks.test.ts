import { type KubeObject, recordOf, taskNamespace } from '@pulse/api'
import type { Objects } from '@pulse/engine'
import { parseConfig } from '@pulse/service'
import { expect, test } from 'vitest'
import { settings } from '../config.ts'
import { openLeaseStore } from '../leases/lease-store.suite.ts'
import { checkTask } from '../tasks/leak-check.ts'
import { machineParameters } from './parameters.ts'
import { layScheduledTasks } from './scheduled-tasks.ts'

const parameters = machineParameters(parseConfig(settings, {}), {
  httpPort: 8080,
  postgres: { host: '127.0.0.1', port: 5432 },
  isolation: 'enforced',
})
const kind = { apiVersion: 'batch/v1', kind: 'CronJob' } as const

async function lay(objects?: Objects) {
  const store = objects ?? (await openLeaseStore(taskNamespace))
  await layScheduledTasks(store, parameters)
  const { items } = await store.list(kind)
  return { store, items: new Map(items.map((item) => [item.metadata.name, item])) }
}

test('the purge and the leak check stand as CronJobs, each a task that there is', async () => {
  const { items } = await lay()
  expect([...items.keys()].toSorted()).toEqual(['leak-check', 'purge'])
  for (const [name, { spec }] of items) {
    expect(spec).toMatchObject({
      concurrencyPolicy: 'Forbid',
      jobTemplate: {
        spec: { template: { spec: { containers: [{ image: 'pulse', args: ['task', name] }] } } },
      },
    })
    expect(() => checkTask(name, [])).not.toThrow()
  }
})

test('who has suspended one finds it so after the next start, with the times of Pulse', async () => {
  const { store, items } = await lay()
  const purge = items.get('purge')
  if (!purge) throw new Error('no purge')
  const ref = { ...kind, namespace: taskNamespace, name: 'purge' }
  const patch = { spec: { suspend: true, schedule: '0 0 1 1 *' } }
  await store.patch(ref, { type: 'merge', patch }, { fieldManager: 'kubectl' })
  const again = (await lay(store)).items.get('purge')
  expect(again?.spec).toMatchObject({ suspend: true, schedule: scheduleOf(purge) })
})

function scheduleOf({ spec }: KubeObject): unknown {
  return recordOf(spec).schedule
}
