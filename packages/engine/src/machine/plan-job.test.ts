import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Job, Pod } from './kinds.ts'
import { planJob } from './plan-job.ts'
import { makePod, type PodFacts } from './pods.suite.ts'

const now = new Date('2026-01-01T01:00:00Z')

describe('job', () => {
  test('a new Job gets its pod and its start at once', () => {
    const plan = planOf({}, [])
    expect(plan).toMatchObject({
      create: 1,
      stop: [],
      status: { startTime: '2026-01-01T01:00:00Z' },
    })
    expect(plan.status.conditions).toBeUndefined()
  })

  test('a running pod is enough, also one on its way out: a task never runs twice at once', () => {
    expect(planOf({}, [makePod('a')]).create).toBe(0)
    const leaving = planOf({}, [makePod('a', { deleting: true })])
    expect(leaving).toMatchObject({ create: 0, status: { active: 0, terminating: 1 } })
  })

  test('success completes it', () => {
    const { create, status } = planOf({}, [makePod('a', { phase: 'Succeeded' })])
    expect(create).toBe(0)
    expect(status).toMatchObject({ succeeded: 1, completionTime: '2026-01-01T01:00:00Z' })
    expect(said(status)).toEqual(['Complete CompletionsReached'])
  })

  test.each([
    [1, '00:59:59.500', 0],
    [1, '00:59:59', 1],
    [2, '00:59:58.500', 0],
    [2, '00:59:58', 1],
    [4, '00:59:53', 0],
    [4, '00:59:52', 1],
  ])('after %d failures, the last at %s, %d pods are made', (failures, time, create) => {
    const at = `2026-01-01T${time}Z`
    const pods = failed(failures, { at })
    const plan = planOf({ backoffLimit: 6 }, pods)
    expect(plan.create).toBe(create)
    if (create === 0) expect(plan.nextPass?.getTime()).toBeGreaterThan(now.getTime())
  })

  test('one failure more than the limit ends it, with the last words of the last pod', () => {
    const pods = [
      ...failed(1, { at: '2026-01-01T00:10:00Z', message: 'first' }),
      makePod('last', {
        phase: 'Failed',
        at: '2026-01-01T00:20:00Z',
        message: 'Traceback\n  …\nOperationalError: disk full\n',
      }),
    ]
    const { status, create } = planOf({ backoffLimit: 1 }, pods)
    expect(create).toBe(0)
    expect(said(status)).toEqual([
      'FailureTarget BackoffLimitExceeded',
      'Failed BackoffLimitExceeded',
    ])
    const end = status.conditions?.find(({ type }) => type === 'Failed')
    expect(end?.message).toBe(
      'Job has reached the specified backoff limit: OperationalError: disk full',
    )
  })

  describe('with a policy on exit codes', () => {
    const onExitCodes = { operator: 'In', values: [65] } as const
    const podFailurePolicy = { rules: [{ action: 'FailJob', onExitCodes }] } as const
    const hopeless = { exitCode: 65, at: '2026-01-01T00:10:00Z', message: 'this is no dump' }

    test('a failure that trying again cannot mend ends it at once, with its last words', () => {
      const { status, create } = planOf({ podFailurePolicy }, failed(1, hopeless))
      expect(create).toBe(0)
      expect(said(status)).toEqual(['FailureTarget PodFailurePolicy', 'Failed PodFailurePolicy'])
      const end = status.conditions?.find(({ type }) => type === 'Failed')
      expect(end?.message).toBe(
        'Container main for pod acme/failed-0 failed with exit code 65 matching FailJob rule at index 0: this is no dump',
      )
    })

    test('any other failure is tried again', () => {
      const { status, create } = planOf({ podFailurePolicy }, failed(1, { exitCode: 1 }))
      expect(create).toBe(1)
      expect(said(status)).toEqual([])
    })

    test.each([
      ['another container', { ...onExitCodes, containerName: 'sidecar' }],
      ['every other code', { operator: 'NotIn', values: [65] }],
    ] as const)('a rule about %s says nothing of it', (_, other) => {
      const rules = [{ action: 'FailJob', onExitCodes: other }] as const
      expect(planOf({ podFailurePolicy: { rules } }, failed(1, hopeless)).create).toBe(1)
    })

    test('the first rule that speaks of a failure decides', () => {
      const rules = [{ action: 'Count', onExitCodes }, ...podFailurePolicy.rules] as const
      expect(planOf({ podFailurePolicy: { rules } }, failed(1, hopeless)).create).toBe(1)
    })

    test('success never matches, also no rule about what is not in its list', () => {
      const notOne = { operator: 'NotIn', values: [1] } as const
      const rules = [{ action: 'FailJob', onExitCodes: notOne }] as const
      const { status } = planOf({ podFailurePolicy: { rules } }, [
        makePod('a', { phase: 'Succeeded' }),
      ])
      expect(said(status)).toEqual(['Complete CompletionsReached'])
    })
  })

  test('a pod without last words is told by its exit code', () => {
    const { status } = planOf({ backoffLimit: 0 }, failed(1, {}))
    const end = status.conditions?.find(({ type }) => type === 'Failed')
    expect(end?.message).toContain('container main ended with exit code 1 (Error)')
  })

  test('the deadline stops what runs, and the Job has failed only when it is gone', () => {
    const started = { startTime: '2026-01-01T00:50:00Z' }
    const job = makeJob({ activeDeadlineSeconds: 600 }, started)
    const first = plan(job, [makePod('a')])
    expect(first.stop.map(({ metadata }) => metadata.name)).toEqual(['a'])
    expect(said(first.status)).toEqual(['FailureTarget DeadlineExceeded'])

    const waiting = plan({ ...job, status: first.status }, [makePod('a', { deleting: true })])
    expect(said(waiting.status)).toEqual(['FailureTarget DeadlineExceeded'])
    const gone = plan({ ...job, status: first.status }, [])
    expect(said(gone.status)).toEqual(['FailureTarget DeadlineExceeded', 'Failed DeadlineExceeded'])
  })

  test('before the deadline it is looked at again when it comes', () => {
    const { nextPass } = planOf({ activeDeadlineSeconds: 60 }, [makePod('a')])
    expect(nextPass).toEqual(new Date('2026-01-01T01:01:00Z'))
  })

  test('a suspended Job runs nothing and its time does not count; resumed, it goes on', () => {
    const suspended = plan(makeJob({ suspend: true, activeDeadlineSeconds: 1 }), [makePod('a')])
    expect(suspended.stop).toHaveLength(1)
    expect(suspended.status.startTime).toBeUndefined()
    const resumed = plan({ ...makeJob({}), status: suspended.status }, [])
    expect(resumed.create).toBe(1)
    expect(resumed.status.conditions).toMatchObject([{ type: 'Suspended', status: 'False' }])
  })

  test('a Job that has ended stays as it is, and goes only when its time after that is over', () => {
    const ended = planOf({}, [makePod('a', { phase: 'Succeeded' })]).status
    const job = { ...makeJob({}), status: ended }
    expect(plan(job, [])).toEqual({ create: 0, stop: [], status: ended, isExpired: false })
    const short = { ...job, spec: { ...job.spec, ttlSecondsAfterFinished: 0 } }
    expect(plan(short, []).isExpired).toBe(true)
    const long = { ...job, spec: { ...job.spec, ttlSecondsAfterFinished: 60 } }
    expect(plan(long, [])).toMatchObject({
      isExpired: false,
      nextPass: new Date('2026-01-01T01:01:00Z'),
    })
  })

  test('restarts in place count as failures', () => {
    const pod = makePod('a')
    const restarted: Pod = {
      ...pod,
      status: { ...pod.status, containerStatuses: [{ name: 'main', restartCount: 3 }] },
    }
    const template = { spec: { restartPolicy: 'OnFailure', containers: [] } } as const
    const { stop, status } = planOf({ backoffLimit: 3, template }, [restarted])
    expect(stop).toHaveLength(1)
    expect(said(status)).toEqual(['FailureTarget BackoffLimitExceeded'])
  })

  test('never more pods than parallelism, never more than what is still to complete, whatever happened', () => {
    const facts = fc.record({
      phase: fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed'),
      ready: fc.boolean(),
      deleting: fc.boolean(),
    }) satisfies fc.Arbitrary<PodFacts>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
        fc.array(facts, { maxLength: 8 }),
        (parallelism, completions, all) => {
          const pods = all.map((fact, index) => makePod(`p${index}`, fact))
          const spec = { parallelism, backoffLimit: 20, ...(completions && { completions }) }
          const { create, stop } = planOf(spec, pods)
          const unfinished = pods.filter(({ status }) => !/ed$/.test(status?.phase ?? ''))
          const succeeded = pods.filter(({ status }) => status?.phase === 'Succeeded').length
          if (create > 0) {
            expect(create + unfinished.length).toBeLessThanOrEqual(parallelism)
            if (completions) {
              expect(create + unfinished.length + succeeded).toBeLessThanOrEqual(completions)
            }
          }
          expect(create === 0 || stop.length === 0).toBe(true)
        },
      ),
    )
  })
})

function makeJob(spec: Partial<Job['spec']>, status?: Job['status']): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'claim', namespace: 'acme', uid: 'uid-claim' },
    spec: {
      parallelism: 1,
      backoffLimit: 6,
      ...('parallelism' in spec ? {} : { completions: 1 }),
      template: { spec: { containers: [] } },
      ...spec,
    },
    ...(status && { status }),
  }
}

function plan(job: Job, pods: readonly Pod[]) {
  return planJob({ job, pods, now, firstRetrySeconds: 1 })
}

function planOf(spec: Partial<Job['spec']>, pods: readonly Pod[]) {
  return plan(makeJob(spec), pods)
}

function failed(count: number, facts: PodFacts): readonly Pod[] {
  return Array.from({ length: count }, (_, index) =>
    makePod(`failed-${index}`, { ...facts, phase: 'Failed' }),
  )
}

function said({ conditions = [] }: Job['status'] & object): readonly string[] {
  return conditions
    .filter(({ status }) => status === 'True')
    .map(({ type, reason }) => `${type} ${reason}`)
}
