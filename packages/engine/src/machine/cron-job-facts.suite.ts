import { scheduledAnnotation } from './cron-job-history.ts'
import type { CronJob, Job } from './kinds.ts'

export const at = (time: string) => new Date(`2026-01-01T${time}Z`)

/** Every hour, since midnight. */
export function makeCronJob(
  spec: Partial<CronJob['spec']> = {},
  status?: CronJob['status'],
): CronJob {
  const containers = [{ name: 'main', image: 'pulse' }]
  const template = { spec: { restartPolicy: 'Never', containers } } as const
  return {
    ...{ apiVersion: 'batch/v1', kind: 'CronJob' },
    metadata: {
      name: 'purge',
      namespace: 'acme',
      uid: 'uid-purge',
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: {
      schedule: '0 * * * *',
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      jobTemplate: {
        metadata: { labels: { app: 'purge' }, annotations: { note: 'kept' } },
        spec: { template },
      },
      ...spec,
    },
    ...(status && { status }),
  }
}

/** The name of the Job that is due at this time. */
export function nameAt(time: string): string {
  return `purge-${at(time).getTime() / 60_000}`
}

/** A Job for this time of the day, as it stands: it runs, or has ended so, a minute after. */
export function jobAt(time: string, end?: 'Complete' | 'Failed'): Job {
  const startTime = time.includes('T') ? time : `2026-01-01T${time}Z`
  const endTime = new Date(Date.parse(startTime) + 60_000).toISOString().replace('.000', '')
  const name = `purge-${Date.parse(startTime) / 60_000}`
  const annotations = { [scheduledAnnotation]: startTime }
  return {
    ...{ apiVersion: 'batch/v1', kind: 'Job' },
    metadata: { name, namespace: 'acme', uid: `uid-${name}`, annotations },
    spec: makeCronJob().spec.jobTemplate.spec,
    status: {
      startTime,
      ...(end === 'Complete' && { completionTime: endTime }),
      ...(end && {
        conditions: [{ type: end, status: 'True', reason: 'Ended', lastTransitionTime: endTime }],
      }),
    },
  }
}
