import type { KubeObject } from '@pulse/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noCgroups } from './cgroup.ts'
import { createMachine, isReady, type Machine, phase } from './pod-runner.suite.ts'

const mebibyte = 2 ** 20

describe.each([
  ['as control groups count it', {}, 214],
  ['as processes say themselves', { cgroups: noCgroups }, 215],
] as const)('memory of pods, %s', (_, isolation, octet) => {
  let machine: Machine
  beforeAll(async () => {
    machine = await createMachine({ octet, isolation })
  })
  afterAll(() => machine.close())

  test('what a process has taken for itself is told beside its limit', async () => {
    const small = await machine.createPod(podOf({ megabytes: 0, limit: '512Mi' }))
    const large = await machine.createPod(podOf({ megabytes: 200, limit: '1Gi' }))
    await machine.until(small, isReady)
    await machine.until(large, isReady)
    const smallUse = await memoryOf(small)
    const largeUse = await memoryOf(large)
    expect(smallUse).toMatchObject({ name: small.metadata.name, limitBytes: 512 * mebibyte })
    expect(largeUse?.limitBytes).toBe(1024 * mebibyte)
    expect(largeUse?.usedBytes).toBeGreaterThan(200 * mebibyte)
    expect((largeUse?.usedBytes ?? 0) - (smallUse?.usedBytes ?? 0)).toBeGreaterThan(150 * mebibyte)
  })

  test('what a process works is told in cores, also of a pod without a limit', async () => {
    const busy = await machine.createPod({
      containers: [{ name: 'main', image: 'node', args: ['for (;;);'] }],
    })
    await machine.until(busy, (pod) => phase(pod) === 'Running')
    const cpus = async () => {
      const { pods } = await machine.runner.use()
      return pods.find(({ uid }) => uid === busy.metadata.uid)?.containers[0]?.cpus ?? 0
    }
    await expect.poll(cpus, { timeout: 30_000 }).toBeGreaterThan(0.05)
    const { name, namespace = '' } = busy.metadata
    await machine.objects.delete({ apiVersion: 'v1', kind: 'Pod', namespace, name })
  })

  test('nothing is told of a pod without a limit, of a task, and of one that has ended', async () => {
    const unlimited = await machine.createPod({
      containers: [{ name: 'main', image: 'sh', args: ['sleep 600'] }],
    })
    await machine.until(unlimited, (pod) => phase(pod) === 'Running')
    const task = await machine.createPod({
      restartPolicy: 'Never',
      containers: [{ ...limited('1Gi'), name: 'main', image: 'task' }],
    })
    await machine.until(task, (pod) => phase(pod) === 'Succeeded')
    const ended = await machine.createPod({
      restartPolicy: 'Never',
      containers: [{ ...limited('1Gi'), name: 'main', image: 'sh', args: ['true'] }],
    })
    await machine.until(ended, (pod) => phase(pod) === 'Succeeded')
    for (const pod of [unlimited, task, ended]) expect(await memoryOf(pod)).toBeUndefined()
  })

  async function memoryOf({ metadata }: KubeObject) {
    return (await machine.runner.memory()).find(({ uid }) => uid === metadata.uid)
  }
})

/** Ready once it has taken its memory. */
function podOf({ megabytes, limit }: { megabytes: number; limit: string }) {
  const take = `globalThis.taken = Buffer.alloc(${megabytes} * 2 ** 20, 1)`
  const serve = `require('node:http').createServer((_, answer) => answer.end()).listen(8069, process.env.POD_IP)`
  return {
    containers: [
      {
        ...limited(limit),
        name: 'main',
        image: 'node',
        args: [`${take}; ${serve}; setInterval(() => globalThis.taken, 1e6)`],
        env: [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
        readinessProbe: { httpGet: { path: '/', port: 8069 }, periodSeconds: 1 },
      },
    ],
  }
}

function limited(memory: string) {
  return { resources: { limits: { memory } } }
}
