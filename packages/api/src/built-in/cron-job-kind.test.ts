import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../object.ts'
import { createKinds } from '../registry.ts'

const { findKind } = await createKinds()
const kind = findKind('batch/v1', 'CronJob')
const container = { name: 'task', image: 'pulse' }

function cronJob(spec: object = {}, name = 'purge', job: object = {}): KubeObject {
  const template = { spec: { restartPolicy: 'Never', containers: [container] } }
  return kind.setDefaults({
    ...{ apiVersion: 'batch/v1', kind: 'CronJob' },
    metadata: { name, namespace: 'acme' },
    spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template, ...job } }, ...spec },
  })
}

const told = (object: KubeObject, old?: KubeObject) =>
  kind.validate(object, old).map(({ field, message }) => `${field}: ${message}`)

test('what is not given is as in Kubernetes', () => {
  expect(cronJob().spec).toMatchObject({
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
    jobTemplate: { spec: { backoffLimit: 6, completions: 1, parallelism: 1 } },
  })
  expect(told(cronJob())).toEqual([])
})

describe('a refusal names the field and the rule', () => {
  test.each([
    [{ schedule: '61 * * * *' }, 'spec.schedule: minute "61" must be from 0 to 59'],
    [{ schedule: '' }, 'spec.schedule: is required'],
    [
      { schedule: 'TZ=Europe/Sofia 0 3 * * *' },
      'spec.schedule: cannot use TZ or CRON_TZ in schedule, use spec.timeZone instead',
    ],
    [
      { schedule: 'CRON_TZ=UTC 0 3 * * *' },
      'spec.schedule: cannot use TZ or CRON_TZ in schedule, use spec.timeZone instead',
    ],
    [
      { timeZone: 'Europe/Atlantis' },
      'spec.timeZone: must be a time zone of the IANA database, such as Europe/Sofia',
    ],
    [
      { timeZone: '' },
      'spec.timeZone: must be a time zone of the IANA database, such as Europe/Sofia',
    ],
    [{ startingDeadlineSeconds: -1 }, 'spec.startingDeadlineSeconds: must be 0 or more'],
    [{ successfulJobsHistoryLimit: -1 }, 'spec.successfulJobsHistoryLimit: must be 0 or more'],
    [{ failedJobsHistoryLimit: -1 }, 'spec.failedJobsHistoryLimit: must be 0 or more'],
    [
      { concurrencyPolicy: 'Queue' },
      'spec.concurrencyPolicy: must be one of "Allow", "Forbid", "Replace"',
    ],
  ])('%j', (spec, message) => {
    expect(told(cronJob(spec))).toEqual([message])
  })

  test('of the name, which its jobs take on', () => {
    expect(told(cronJob({}, 'a'.repeat(52)))).toEqual([])
    expect(told(cronJob({}, 'a'.repeat(53)))).toEqual([
      'metadata.name: must be no more than 52 characters',
    ])
  })

  test('of the job that it makes, and of a Job by itself', () => {
    const job = { ttlSecondsAfterFinished: -1, backoffLimit: -1 }
    expect(told(cronJob({}, 'purge', job))).toEqual([
      'spec.jobTemplate.spec.backoffLimit: must be 0 or more',
      'spec.jobTemplate.spec.ttlSecondsAfterFinished: must be 0 or more',
    ])
    const always = { template: { spec: { restartPolicy: 'Always', containers: [container] } } }
    expect(told(cronJob({}, 'purge', always))).toEqual([
      'spec.jobTemplate.spec.template.spec.restartPolicy: must be one of "Never", "OnFailure"',
    ])
    const { validate } = findKind('batch/v1', 'Job')
    const { spec } = {
      spec: { ...job, template: { spec: { restartPolicy: 'Never', containers: [container] } } },
    }
    const alone = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'once' }, spec }
    expect(validate(alone, undefined).map(({ field }) => field)).toEqual([
      'spec.backoffLimit',
      'spec.ttlSecondsAfterFinished',
    ])
  })

  test('and what was stored before can be changed in everything else', () => {
    const old = cronJob({ schedule: '0 3 * * 7' })
    const labelled = { ...old, metadata: { ...old.metadata, labels: { seen: 'yes' } } }
    expect(told(labelled, old)).toEqual([])
    expect(told(cronJob({ schedule: '0 4 * * 7' }), old)).toHaveLength(1)
  })
})

test('columns are those of kubectl', () => {
  const shown = kind.columns.map(({ name, priority }) => (priority === 0 ? name : `(${name})`))
  expect(shown.join(' ').toUpperCase()).toBe(
    'NAME SCHEDULE TIMEZONE SUSPEND ACTIVE LAST SCHEDULE AGE (CONTAINERS) (IMAGES) (SELECTOR)',
  )
  const cells = (object: KubeObject) => kind.columns.map(({ cell }) => cell(object))
  const status = { active: [{ name: 'purge-1' }], lastScheduleTime: '2026-01-01T03:00:00Z' }
  const zoned = { ...cronJob({ timeZone: 'Europe/Sofia', suspend: true }), status }
  expect(cells(zoned)).toEqual([
    ...['purge', '0 3 * * *', 'Europe/Sofia', 'True', 1, '2026-01-01T03:00:00Z', undefined],
    ...['task', 'pulse', '<none>'],
  ])
  expect(cells(cronJob()).slice(1, 6)).toEqual(['0 3 * * *', '<none>', 'False', 0, undefined])
})
