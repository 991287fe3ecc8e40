import { type KubeObject, refOf } from '@pulse/api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isTrue, statusOf } from '../conditions.ts'
import { type RunningControllers, runControllers } from '../controller.ts'
import { createEventRecorder } from '../events.ts'
import { runGarbageCollector } from '../garbage-collector.ts'
import { createManualClock, type ManualClock } from '../manual-clock.ts'
import type { Objects } from '../objects.ts'
import { type CreateStore, createWorld, quiet, until, type World } from '../world.suite.ts'
import { cronJobController } from './cron-job-controller.ts'
import { jobController } from './job-controller.ts'
import { kinds } from './kinds.ts'
import { makeJob, place } from './machine-world.suite.ts'

const hour = 3_600_000
const minute = 60_000

/** What a machine does at set times, on any store; the test moves the clock and plays those who run pods. */
export function describeCronJobControllers(name: string, createStore: CreateStore): void {
  describe(`cron job controllers on ${name}`, () => {
    let world: World
    let clock: ManualClock
    let running: RunningControllers
    let firstRun: number

    beforeEach(async () => {
      world = await createWorld(createStore)
      // After the birth of all that a test makes, and ten minutes before the first run.
      firstRun = Math.ceil(Date.now() / minute + 12) * minute
      clock = createManualClock(new Date(firstRun - 10 * minute).toISOString())
      running = await start()
    })
    afterEach(async () => {
      await running.stop()
      await world.close()
    })

    async function start(objects: Objects = world.objects): Promise<RunningControllers> {
      const { log } = world
      const events = createEventRecorder({ objects, log, clock, component: 'test' })
      const options = { objects, log, clock, events }
      const halt = new AbortController()
      const controllers = await runControllers(
        [cronJobController(options), jobController({ ...options, firstRetrySeconds: 0 })],
        { ...options, random: () => 0.5, signal: halt.signal },
      )
      // Whoever waits for it, waits in real time.
      const collector = await runGarbageCollector({ ...world, signal: halt.signal })
      return {
        async stop() {
          await controllers.stop()
          await collector.stop()
        },
      }
    }

    async function restart(objects?: Objects) {
      await running.stop()
      running = await start(objects)
    }

    const jobs = async () => (await world.store.list({ ...kinds.job, ...place })).items
    const names = async () => (await jobs()).map(({ metadata }) => metadata.name).toSorted()

    /** At the minute of the first run, or every so often from there. */
    function hourly(spec: Readonly<Record<string, unknown>> = {}, every = 60): KubeObject {
      const containers = [{ name: 'main', image: 'main' }]
      const template = { spec: { restartPolicy: 'Never', containers } }
      const schedule = `${(firstRun / minute) % every}-59/${every} * * * *`
      return {
        ...kinds.cronJob,
        metadata: { name: 'hourly', ...place },
        spec: { schedule, jobTemplate: { spec: { template } }, ...spec },
      }
    }

    /** The name of the Job of a run: the first, the second … */
    function jobOf(run: number): string {
      return `hourly-${(firstRun + (run - 1) * hour) / minute}`
    }

    async function reasons(): Promise<readonly string[]> {
      const { items } = await world.store.list({ apiVersion: 'v1', kind: 'Event', ...place })
      return items.map((event) => `${event.reason} ${JSON.stringify(event.count)}`).toSorted()
    }

    /** Plays the pod of every Job that runs. */
    async function endPods(phase: 'Succeeded' | 'Failed' = 'Succeeded') {
      for (const pod of (await world.store.list({ ...kinds.pod, ...place })).items) {
        const { apiVersion, kind, metadata } = pod
        await world.store.apply(
          { apiVersion, kind, metadata: { name: metadata.name, ...place }, status: { phase } },
          { fieldManager: 'test', subresource: 'status', force: true },
        )
      }
    }

    const untilJobs = (...expected: readonly string[]) =>
      until(async () => expect(await names()).toEqual(expected))

    test('a Job is made at its time, and what becomes of it is told', async () => {
      const ref = refOf(await world.apply(hourly()))
      await quiet(world)
      expect(await names()).toEqual([])
      const first = jobOf(1)
      clock.advance(10 * minute)
      await untilJobs(first)
      await until(async () =>
        expect(statusOf(await world.get(ref))).toMatchObject({
          active: [{ kind: 'Job', name: first }],
          lastScheduleTime: clock.now().toISOString().replace('.000', ''),
        }),
      )
      await until(async () => expect(await podCount(world)).toBe(1))
      await endPods()
      await until(async () =>
        expect(statusOf(await world.get(ref))).toMatchObject({
          lastSuccessfulTime: expect.any(String),
        }),
      )
      expect(statusOf(await world.get(ref))).not.toHaveProperty('active')
      await until(async () =>
        expect(await reasons()).toEqual(
          expect.arrayContaining(['SawCompletedJob 1', 'SuccessfulCreate 1']),
        ),
      )
    })

    test('killed between a Job and its status, the next one goes on to the same end', async () => {
      const { objects } = world
      const cut: Objects = {
        ...objects,
        async apply(object, options) {
          if (object.kind === 'CronJob') throw new Error('killed here')
          return objects.apply(object, options)
        },
      }
      await restart(cut)
      const ref = refOf(await world.apply(hourly()))
      await quiet(world)
      const first = jobOf(1)
      clock.advance(10 * minute)
      await untilJobs(first)
      await restart()
      await until(async () =>
        expect(statusOf(await world.get(ref))).toMatchObject({ active: [{ name: first }] }),
      )
      clock.advance(30 * minute)
      await quiet(world)
      expect(await names()).toEqual([first])
    })

    test('a clock that jumps a day ahead brings one Job, and one that goes back an hour none', async () => {
      await running.stop()
      const jumped = jumping(clock)
      clock = jumped.clock
      running = await start()
      await world.apply(hourly({}, 15))
      await quiet(world)
      jumped.by(24 * hour)
      clock.advance(minute)
      await until(async () => expect(await names()).toHaveLength(1))
      const [only = ''] = await names()
      jumped.by(23 * hour)
      clock.advance(20 * minute)
      await quiet(world)
      expect(await names()).toEqual([only])
      jumped.by(24 * hour)
      clock.advance(minute)
      await until(async () => expect(await names()).toHaveLength(2))
    })

    test('over a stop of hours the latest run is made up for, and no other', async () => {
      await world.apply(hourly())
      await quiet(world)
      await running.stop()
      const expected = jobOf(5)
      clock.advance(4 * hour + 15 * minute)
      running = await start()
      await untilJobs(expected)
      await quiet(world)
      expect(await names()).toEqual([expected])
    })

    test('suspended by a patch it makes none, and resumed the latest that was missed', async () => {
      const cron = await world.apply(hourly())
      await world.patch(cron, { spec: { suspend: true } })
      await quiet(world)
      clock.advance(2 * hour)
      await quiet(world)
      expect(await names()).toEqual([])
      await world.patch(cron, { spec: { suspend: false } })
      await untilJobs(jobOf(2))
    })

    test('Forbid makes none beside one that runs, tells so once, and makes up for it after', async () => {
      await world.apply(hourly({ concurrencyPolicy: 'Forbid' }))
      await quiet(world)
      const [first, second] = [jobOf(1), jobOf(2)]
      clock.advance(10 * minute)
      await untilJobs(first)
      await until(async () => expect(await podCount(world)).toBe(1))
      clock.advance(hour)
      await quiet(world)
      clock.advance(5 * minute)
      await quiet(world)
      expect(await names()).toEqual([first])
      expect(await reasons()).toContain('JobAlreadyActive 1')
      await endPods()
      await untilJobs(first, second)
    })

    test('Replace ends the one that runs, and makes the next when nothing of it is left', async () => {
      await world.apply(hourly({ concurrencyPolicy: 'Replace' }))
      await quiet(world)
      const [first, second] = [jobOf(1), jobOf(2)]
      clock.advance(10 * minute)
      await untilJobs(first)
      await until(async () => expect(await podCount(world)).toBe(1))
      const [pod] = (await world.store.list({ ...kinds.pod, ...place })).items
      if (pod) await world.patch(pod, { metadata: { finalizers: ['test.pulse/lives'] } })
      clock.advance(hour)
      await until(async () =>
        expect((await jobs())[0]?.metadata.deletionTimestamp).toEqual(expect.any(String)),
      )
      await quiet(world)
      expect(await names()).toEqual([first])
      if (pod) await world.patch(pod, { metadata: { finalizers: null } })
      await untilJobs(second)
    })

    test('a Job of somebody else that has the name is left alone, and told of', async () => {
      const other = await world.apply({ ...makeJob(jobOf(1), 'main') })
      const ref = refOf(await world.apply(hourly()))
      await quiet(world)
      clock.advance(10 * minute)
      await until(async () => expect(await reasons()).toContain('FailedCreate 1'))
      await quiet(world)
      expect(await names()).toEqual([jobOf(1)])
      expect((await world.get(refOf(other))).metadata.ownerReferences).toBeUndefined()
      expect(statusOf(await world.get(ref))).toEqual({})
      clock.advance(hour)
      await untilJobs(jobOf(1), jobOf(2))
    })

    test('of Jobs that have ended as many are kept as is said', async () => {
      await world.apply(hourly({ successfulJobsHistoryLimit: 2 }))
      await quiet(world)
      const made: string[] = []
      for (const round of [0, 1, 2]) {
        made.push(jobOf(round + 1))
        clock.advance(round === 0 ? 10 * minute : hour)
        await until(async () => expect(await names()).toContain(made.at(-1)))
        await until(async () => expect(await podCount(world)).toBeGreaterThan(0))
        await until(async () => {
          await endPods()
          const all = await jobs()
          expect(all.every((job) => isTrue(job, 'Complete'))).toBe(true)
        })
      }
      await untilJobs(...made.slice(1))
    })

    test('with it go its Jobs, and no more are made', async () => {
      const ref = refOf(await world.apply(hourly()))
      await quiet(world)
      clock.advance(10 * minute)
      await until(async () => expect(await names()).toHaveLength(1))
      await world.objects.delete(ref)
      await untilJobs()
      clock.advance(2 * hour)
      await quiet(world)
      expect(await names()).toEqual([])
    })

    test('a Job with a time to live goes after its pods when that is over, over a restart too', async () => {
      const job = makeJob('once', 'main')
      const spec = typeof job.spec === 'object' ? job.spec : {}
      const ref = refOf(
        await world.apply({ ...job, spec: { ...spec, ttlSecondsAfterFinished: 600 } }),
      )
      await until(async () => expect(await podCount(world)).toBe(1))
      await endPods()
      await until(async () => expect(isTrue(await world.get(ref), 'Complete')).toBe(true))
      clock.advance(599_000)
      await quiet(world)
      const [pod] = (await world.store.list({ ...kinds.pod, ...place })).items
      if (pod) await world.patch(pod, { metadata: { finalizers: ['test.pulse/lives'] } })
      await running.stop()
      clock.advance(2_000)
      running = await start()
      await until(async () =>
        expect((await world.get(ref)).metadata).toMatchObject({
          finalizers: ['foregroundDeletion'],
          deletionTimestamp: expect.any(String),
        }),
      )
      if (pod) await world.patch(pod, { metadata: { finalizers: null } })
      await until(async () => expect(await world.objects.get(ref)).toBeUndefined())
      expect(await podCount(world)).toBe(0)
    })
  })
}

async function podCount({ store }: World): Promise<number> {
  return (await store.list({ ...kinds.pod, ...place })).items.length
}

/** A clock whose hands are set while its timers count on. */
function jumping(clock: ManualClock): {
  readonly clock: ManualClock
  by(milliseconds: number): void
} {
  let ahead = 0
  return {
    clock: { ...clock, now: () => new Date(clock.now().getTime() + ahead) },
    by(milliseconds) {
      ahead = milliseconds
    },
  }
}
