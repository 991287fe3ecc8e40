import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { at, jobAt, makeCronJob, nameAt } from './cron-job-facts.suite.ts'
import { referenceTo } from './cron-job-history.ts'
import type { CronJob, Job } from './kinds.ts'
import { planCronJob } from './plan-cron-job.ts'

const plan = (cronJob: CronJob, time: string, jobs: readonly Job[] = []) =>
  planCronJob({ cronJob, jobs, now: at(time) })

/** The Job that is made, and why none is where one is due. */
function outcome(...asked: Parameters<typeof plan>) {
  const { create, standstill } = plan(...asked)
  return create?.job.metadata.name ?? standstill?.reason ?? 'nothing due'
}

const reasons = (...asked: Parameters<typeof plan>) =>
  plan(...asked).news.map(({ reason }) => reason)

describe('when it runs', () => {
  test('a Job is due at its time and not before, and is looked for again in time', () => {
    expect(plan(makeCronJob(), '00:59:59')).toMatchObject({ nextPass: at('01:00:00') })
    expect(outcome(makeCronJob(), '00:59:59')).toBe('nothing due')
    expect(outcome(makeCronJob(), '01:00:00')).toBe(nameAt('01:00:00'))
  })

  test('a clock that jumps while a timer counts on is noticed within a minute', () => {
    expect(plan(makeCronJob(), '00:10:00').nextPass).toEqual(at('00:11:00'))
  })

  test('the Job is what its template says, owned, and marked with its time in its zone', () => {
    const { create } = plan(makeCronJob({ timeZone: 'Europe/Sofia' }), '01:00:30')
    expect(create).toEqual({
      lastScheduleTime: '2026-01-01T01:00:00Z',
      job: {
        ...{ apiVersion: 'batch/v1', kind: 'Job' },
        metadata: {
          name: nameAt('01:00:00'),
          namespace: 'acme',
          labels: { app: 'purge' },
          annotations: {
            note: 'kept',
            'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T03:00:00+02:00',
          },
          ownerReferences: [
            {
              ...{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'purge', uid: 'uid-purge' },
              ...{ controller: true, blockOwnerDeletion: true },
            },
          ],
        },
        spec: makeCronJob().spec.jobTemplate.spec,
      },
    })
  })

  test('of all runs that were missed only the latest is made up for', () => {
    const last = makeCronJob({}, { lastScheduleTime: '2026-01-01T01:00:00Z' })
    expect(outcome(last, '01:30:00')).toBe('nothing due')
    expect(outcome(last, '05:30:00')).toBe(nameAt('05:00:00'))
    expect(reasons(last, '05:30:00')).toEqual([])
  })

  test('more than a hundred missed are told of, and the latest is run all the same', () => {
    const often = makeCronJob({ schedule: '* * * * *' })
    expect(outcome(often, '01:40:30')).toBe(nameAt('01:40:00'))
    expect(reasons(often, '01:40:30')).toEqual([])
    expect(outcome(often, '01:41:30')).toBe(nameAt('01:41:00'))
    expect(reasons(often, '01:41:30')).toEqual(['TooManyMissedTimes'])
    // What lies beyond the deadline is not missed: nobody would start it.
    const bounded = makeCronJob({ schedule: '* * * * *', startingDeadlineSeconds: 600 })
    expect(outcome(bounded, '09:41:30')).toBe(nameAt('09:41:00'))
    expect(reasons(bounded, '09:41:30')).toEqual([])
  })

  test('who is late beyond the deadline is not started, and the next one is', () => {
    const strict = makeCronJob({ startingDeadlineSeconds: 60 })
    expect(outcome(strict, '01:01:00')).toBe(nameAt('01:00:00'))
    expect(outcome(strict, '01:01:01')).toBe('MissSchedule')
    expect(plan(strict, '01:59:30').nextPass).toEqual(at('02:00:00'))
    expect(outcome(strict, '02:00:00')).toBe(nameAt('02:00:00'))
  })

  test('suspended nothing is due; resumed, the latest that was missed is', () => {
    const resting = makeCronJob({ suspend: true })
    expect(plan(resting, '05:30:00')).toMatchObject({ replace: [], status: {} })
    expect(outcome(resting, '05:30:00')).toBe('nothing due')
    expect(outcome(makeCronJob(), '05:30:00')).toBe(nameAt('05:00:00'))
  })

  test('a schedule that cannot be read, or never comes, stops nothing else', () => {
    expect(outcome(makeCronJob({ schedule: '0 0 * * 7' }), '01:00:00')).toBe('UnparseableSchedule')
    expect(outcome(makeCronJob({ timeZone: 'Europe/Atlantis' }), '01:00:00')).toBe(
      'UnknownTimeZone',
    )
    expect(outcome(makeCronJob({ schedule: '0 0 31 2 *' }), '01:00:00')).toBe('InvalidSchedule')
    expect(outcome(makeCronJob({ schedule: '@every 45m' }), '01:00:00')).toBe(nameAt('00:45:00'))
  })
})

describe('when the clock jumps', () => {
  test('a day forward brings one Job and no storm', () => {
    const last = makeCronJob({}, { lastScheduleTime: '2026-01-01T01:00:00Z' })
    const { create } = planCronJob({
      cronJob: last,
      jobs: [],
      now: new Date('2026-01-02T01:20:00Z'),
    })
    expect(create?.lastScheduleTime).toBe('2026-01-02T01:00:00Z')
  })

  test('an hour back brings nothing a second time, and goes on where it was', () => {
    const last = makeCronJob(
      { schedule: '*/15 * * * *' },
      { lastScheduleTime: '2026-01-01T02:00:00Z' },
    )
    for (const time of ['01:00:00', '01:15:00', '01:59:59']) {
      expect(outcome(last, time)).toBe('ClockBehind')
    }
    expect(outcome(last, '02:00:00')).toBe('nothing due')
    expect(outcome(last, '02:15:00')).toBe(nameAt('02:15:00'))
  })
})

describe('when its last Job still runs', () => {
  const running = [jobAt('01:00:00')]
  const last = (concurrencyPolicy: 'Allow' | 'Forbid' | 'Replace') =>
    makeCronJob({ concurrencyPolicy }, { lastScheduleTime: '2026-01-01T01:00:00Z' })

  test('Allow starts the next beside it', () => {
    expect(outcome(last('Allow'), '02:00:00', running)).toBe(nameAt('02:00:00'))
  })

  test('Forbid waits for it, and makes up for what was missed meanwhile', () => {
    expect(outcome(last('Forbid'), '02:00:00', running)).toBe('JobAlreadyActive')
    const ended = [jobAt('01:00:00', 'Failed')]
    expect(outcome(last('Forbid'), '02:10:00', ended)).toBe(nameAt('02:00:00'))
  })

  test('Replace ends it first, and starts the next when it is gone', () => {
    const replaced = plan(last('Replace'), '02:00:00', running)
    expect(replaced.replace).toEqual(running)
    expect(replaced.create).toBeUndefined()
    const leaving = running.map((job) => ({
      ...job,
      metadata: { ...job.metadata, deletionTimestamp: '2026-01-01T02:00:00Z' },
    }))
    expect(plan(last('Replace'), '02:00:01', leaving)).toMatchObject({ replace: [] })
    expect(outcome(last('Replace'), '02:00:01', leaving)).toBe('nothing due')
    expect(outcome(last('Replace'), '02:00:02', [])).toBe(nameAt('02:00:00'))
  })
})

describe('what it says of its Jobs', () => {
  test('who runs, when the last was due and when one succeeded last', () => {
    const jobs = [jobAt('01:00:00', 'Complete'), jobAt('02:00:00', 'Complete'), jobAt('03:00:00')]
    const { status } = plan(
      makeCronJob({}, { lastScheduleTime: '2026-01-01T03:00:00Z' }),
      '03:10:00',
      jobs,
    )
    expect(status).toEqual({
      active: [referenceTo(jobAt('03:00:00'))],
      lastScheduleTime: '2026-01-01T03:00:00Z',
      lastSuccessfulTime: '2026-01-01T02:01:00Z',
    })
    const later = plan(makeCronJob({}, status), '03:20:00', [jobAt('03:00:00', 'Failed')])
    expect(later.status).toEqual({
      lastScheduleTime: '2026-01-01T03:00:00Z',
      lastSuccessfulTime: '2026-01-01T02:01:00Z',
    })
  })

  test('that one has ended, went missing, or is a stranger', () => {
    const active = [referenceTo(jobAt('01:00:00')), referenceTo(jobAt('02:00:00'))]
    const stranger = { ...jobAt('03:00:00'), metadata: { name: 'by-hand', uid: 'uid-by-hand' } }
    const { news } = plan(makeCronJob({ suspend: true }, { active }), '03:10:00', [
      jobAt('01:00:00', 'Complete'),
      stranger,
    ])
    expect(news.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
      `SawCompletedJob: Saw completed job: ${nameAt('01:00:00')}, condition: Complete`,
      `MissingJob: Active job went missing: ${nameAt('02:00:00')}`,
      'UnexpectedJob: Saw a job that the controller did not create or forgot: by-hand',
    ])
  })

  test('the oldest of each outcome beyond what is kept go, those that run never', () => {
    const times = ['01:00:00', '02:00:00', '03:00:00', '04:00:00', '05:00:00']
    const complete = times.map((time) => jobAt(time, 'Complete'))
    const failed = ['06:00:00', '07:00:00'].map((time) => jobAt(time, 'Failed'))
    const names = (spec: Partial<CronJob['spec']>) =>
      plan(makeCronJob({ suspend: true, ...spec }), '09:10:00', [
        ...complete.toReversed(),
        ...failed.toReversed(),
        jobAt('00:00:00'),
      ]).expired.map(({ metadata }) => metadata.name)
    expect(names({})).toEqual(['01:00:00', '02:00:00', '06:00:00'].map(nameAt))
    expect(names({ successfulJobsHistoryLimit: 0, failedJobsHistoryLimit: 2 })).toEqual(
      times.map(nameAt),
    )
  })
})

test('a pass that was cut short after its Job was made is finished by the next, and nothing is made twice', () => {
  const made = [jobAt('01:00:00')]
  const { create, status } = plan(makeCronJob(), '01:00:30', made)
  expect(create).toBeUndefined()
  expect(status).toEqual({
    active: [referenceTo(jobAt('01:00:00'))],
    lastScheduleTime: '2026-01-01T01:00:00Z',
  })
})

test('whatever passes there are, and however the clock jumps, no time is run twice', () => {
  const jump = fc.integer({ min: -5_400_000, max: 90_000_000 })
  const policy = fc.constantFrom('Allow', 'Forbid', 'Replace')
  const step = fc.record({ jump, ends: fc.boolean(), isLost: fc.boolean() })
  fc.assert(
    fc.property(policy, fc.array(step, { maxLength: 15 }), (concurrencyPolicy, steps) => {
      let now = at('00:00:00')
      let cronJob = makeCronJob({ schedule: '*/15 * * * *', concurrencyPolicy })
      let jobs: readonly Job[] = []
      const made: string[] = []
      for (const { jump, ends, isLost } of steps) {
        now = new Date(now.getTime() + jump)
        if (ends) jobs = jobs.map((job) => jobAt(timeOf(job), 'Complete'))
        const { create, replace, expired, status } = planCronJob({ cronJob, jobs, now })
        if (create) {
          made.push(create.job.metadata.name)
          expect(Date.parse(create.lastScheduleTime)).toBeLessThanOrEqual(now.getTime())
          const { metadata, spec } = cronJob.spec.jobTemplate
          jobs = [
            ...jobs,
            { ...create.job, metadata: { ...metadata, ...create.job.metadata }, spec },
          ]
        }
        // A pass that was cut short after its Job was made writes no status, and deletes nothing.
        if (isLost) continue
        const going = new Set([...replace, ...expired].map(({ metadata }) => metadata.name))
        jobs = jobs.filter(({ metadata }) => !going.has(metadata.name))
        const lastScheduleTime = create?.lastScheduleTime
        cronJob = {
          ...cronJob,
          status: { ...status, ...(lastScheduleTime && { lastScheduleTime }) },
        }
      }
      expect(new Set(made).size).toBe(made.length)
    }),
    { numRuns: 30 },
  )
})

function timeOf({ metadata }: Job): string {
  return new Date(Number(metadata.name.split('-').at(-1)) * 60_000)
    .toISOString()
    .replace('.000', '')
}
