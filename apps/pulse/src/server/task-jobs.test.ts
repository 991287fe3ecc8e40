import { randomUUID } from 'node:crypto'
import { createKinds, type KubeObject, type Log, taskNamespace } from '@pulse/api'
import { createMemoryObjects, systemClock } from '@pulse/engine'
import { parseConfig } from '@pulse/service'
import { expect, onTestFinished, test, vi } from 'vitest'
import { settings } from '../config.ts'
import { machineParameters } from './parameters.ts'
import { createTaskJobs } from './task-jobs.ts'

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
}
const ref = (name: string) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  namespace: taskNamespace,
  name,
})

test('a task has run when its Job is complete', async () => {
  const { jobs, finish } = await start()
  const ran = jobs.run('purge', ['--environment-uid=u'], 'u-1')
  await finish('purge-u-1', { type: 'Complete', status: 'True' })
  await expect(ran).resolves.toBeUndefined()
})

test('a failed Job is a failure with its own words, and so is one that is deleted', async () => {
  const { jobs, finish, appears, objects } = await start()
  const failed = jobs.run('fill', [], 'one')
  const gone = jobs.run('fill', [], 'two')
  const outcomes = Promise.allSettled([failed, gone])
  await finish('fill-one', { type: 'Failed', status: 'True', message: 'disk is full' })
  await appears('fill-two')
  await objects.delete(ref('fill-two'))
  expect(await outcomes).toMatchObject([
    { reason: { message: 'disk is full' } },
    { reason: { message: 'Job fill-two was deleted' } },
  ])
})

test('the end of Pulse ends every wait, also of what is begun after it', async () => {
  const { jobs, appears, stop, objects } = await start()
  const running = jobs.run('fill', [], 'before')
  const outcome = expect(running).rejects.toThrow('Pulse stops')
  await appears('fill-before')
  stop()
  await outcome
  await expect(jobs.run('fill', [], 'after')).rejects.toThrow()
  expect(await objects.get(ref('fill-after'))).toBeUndefined()
})

test('a claim waits from its Job to the end of it', async () => {
  const { jobs, objects, finish } = await start()
  const ended = vi.fn()
  jobs.onClaimEnded(ended)
  const labels = { 'planapulse.com/step': 'claim' }
  const containers = [{ name: 'main', image: 'pulse' }]
  const template = { spec: { restartPolicy: 'Never', containers } }
  const metadata = { name: 'claim', namespace: taskNamespace, labels }
  const job = { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template } }
  await objects.create(job, { fieldManager: 'test' })
  await expect.poll(() => jobs.claimWaits()).toBe(true)
  await finish('claim', { type: 'Complete', status: 'True' })
  await expect.poll(() => jobs.claimWaits()).toBe(false)
  expect(ended).toHaveBeenCalledOnce()
})

async function start() {
  const { findKind } = await createKinds()
  const objects = createMemoryObjects({
    kinds: findKind,
    now: () => new Date(),
    newUid: randomUUID,
  })
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: taskNamespace } }
  await objects.create(namespace, { fieldManager: 'test' })
  const halt = new AbortController()
  onTestFinished(async () => {
    halt.abort()
    await objects.close()
  })
  const parameters = machineParameters(parseConfig(settings, {}), {
    httpPort: 8080,
    postgres: { host: '127.0.0.1', port: 5432 },
    isolation: 'enforced',
  })
  const { signal } = halt
  const jobs = createTaskJobs({ objects, parameters, clock: systemClock, log: silent, signal })

  async function appears(name: string): Promise<KubeObject> {
    return vi.waitFor(async () => {
      const job = await objects.get(ref(name))
      if (!job) throw new Error(`${name} is not there`)
      return job
    })
  }
  /** What the Job controller would write. */
  async function finish(name: string, condition: object) {
    const job = await appears(name)
    const options = { fieldManager: 'test', subresource: 'status' } as const
    await objects.update({ ...job, status: { conditions: [condition] } }, options)
  }
  return { objects, jobs, appears, finish, stop: () => halt.abort() }
}
