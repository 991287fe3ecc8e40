import { type KubeObject, type Log, plainLine, taskNamespace } from '@pulse/api'
import type { EventRecorder, Objects } from '@pulse/engine'
import { type Leak, leakTypes } from './leak-facts.ts'

/** Where the last check has written what it found; the metric is read from here. */
export const leaksRef = {
  ...{ apiVersion: 'v1', kind: 'ConfigMap' },
  ...{ namespace: taskNamespace, name: 'leaks' },
} as const

/** Carries the events, for `kubectl describe`. */
const cronJobRef = {
  ...{ apiVersion: 'batch/v1', kind: 'CronJob' },
  ...{ namespace: taskNamespace, name: 'leak-check' },
} as const

/** A ConfigMap has its bounds; whoever has more leaks than these begins with them. */
const namesMax = 500

export interface ReportDeps {
  readonly objects: Pick<Objects, 'apply' | 'get'>
  readonly events: Pick<EventRecorder, 'record'>
  readonly log: Log
}

/** Tells each leak by its name: in the log, as an event, and all of them in one ConfigMap. */
export async function reportLeaks(leaks: readonly Leak[], deps: ReportDeps): Promise<void> {
  const { objects, events, log } = deps
  const { apiVersion, kind, namespace, name } = leaksRef
  const data = Object.fromEntries(
    leakTypes.flatMap((type) => {
      const names = leaks.filter((leak) => leak.type === type).map(({ name }) => plainLine(name))
      const more = names.length > namesMax ? [`… ${names.length - namesMax} more`] : []
      return [
        [`${type}.count`, String(names.length)],
        [type, [...names.slice(0, namesMax), ...more].join('\n')],
      ]
    }),
  )
  await objects.apply(
    { apiVersion, kind, metadata: { namespace, name }, data },
    { fieldManager: 'pulse-task', force: true },
  )
  const cronJob = await objects.get(cronJobRef)
  for (const leak of leaks) {
    log.warn({ type: leak.type, name: leak.name }, 'leak found')
    if (cronJob) await events.record(cronJob, noteOf(leak))
  }
  log.info({ leaks: leaks.length }, 'checked for leaks')
}

function noteOf({ type, name }: Leak) {
  const message = `${type} ${plainLine(name)} belongs to nobody`
  return { type: 'Warning', reason: 'LeakFound', message } as const
}

/** How many there are of each type, as the last check has written; nothing before the first. */
export function countsOf({ data }: KubeObject): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  const values = typeof data === 'object' && data !== null ? Object.entries(data) : []
  for (const [key, value] of values) {
    const [, type] = /^(.+)\.count$/.exec(key) ?? []
    if (type !== undefined) counts.set(type, Number(value))
  }
  return counts
}
