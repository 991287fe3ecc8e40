import { type KubeObject, taskNamespace } from '@pulse/api'
import { makeTaskJob, type Parameters } from '@pulse/compositions'
import type { Objects } from '@pulse/engine'

/** Task by task, when. What has expired is gone within the hour; a leak costs room and nothing else. */
const schedules = { purge: '*/15 * * * *', 'leak-check': '20 3 * * *' } as const

/**
 * What Pulse does at set times, as CronJobs that people see, suspend and resume as any other. Their times are Pulse's:
 * they are laid anew with each start, and only what is laid is overwritten.
 */
export async function layScheduledTasks(objects: Pick<Objects, 'apply'>, parameters: Parameters) {
  for (const [task, schedule] of Object.entries(schedules)) {
    await objects.apply(makeScheduledTask(task, schedule, parameters), {
      fieldManager: 'pulse',
      force: true,
    })
  }
}

function makeScheduledTask(task: string, schedule: string, parameters: Parameters): KubeObject {
  const labels = { 'app.kubernetes.io/name': task, 'app.kubernetes.io/managed-by': 'pulse' }
  const { spec } = makeTaskJob({ name: task, args: ['task', task], labels, parameters })
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: task, namespace: taskNamespace, labels },
    spec: { schedule, concurrencyPolicy: 'Forbid', jobTemplate: { metadata: { labels }, spec } },
  }
}
