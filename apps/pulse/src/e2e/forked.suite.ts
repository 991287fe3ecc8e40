import { readFile } from 'node:fs/promises'
import type { KubeObject } from '@pulse/api'
import type { PulseUnderTest } from './pulse-under-test.suite.ts'
import { type Worker, workersIn } from './tenant.suite.ts'

/** The process that started this one, if it is a parent of forks. */
export async function forkParentOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const parent = Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1])
  const command = await readFile(`/proc/${parent}/cmdline`, 'utf8').catch(() => '')
  return command.startsWith('plana_forking') ? parent : undefined
}

/** Deletes a tenant's only pod; resolves with the worker of the next one when that is ready. */
export async function wakeAnew(pulse: PulseUnderTest, namespace: string): Promise<Worker> {
  const objects = await pulse.objects()
  const pods = { apiVersion: 'v1', kind: 'Pod', namespace }
  const { items, resourceVersion } = await objects.list({ ...pods, limit: 10 })
  const before = items.map(({ metadata }) => metadata.name)
  for (const name of before) await objects.delete({ ...pods, name })
  const signal = AbortSignal.timeout(120_000)
  for await (const { object } of objects.watch({ ...pods, resourceVersion, signal })) {
    if (before.includes(object.metadata.name) || !isReady(object)) continue
    const workers = await workersIn(pulse, namespace)
    const worker = workers.find(({ podName }) => podName === object.metadata.name)
    if (worker) return worker
  }
  throw new Error(`no pod in ${namespace} became ready again`)
}

function isReady({ status }: KubeObject): boolean {
  return /"type":"Ready","status":"True"/.test(JSON.stringify(status ?? {}))
}
