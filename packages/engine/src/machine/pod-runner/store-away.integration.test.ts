import { type KubeObject, StatusError } from '@pulse/api'
import { expect, onTestFinished, test } from 'vitest'
import type { Objects } from '../../objects.ts'
import { createMachine, isReady, phase, processesWith } from './pod-runner.suite.ts'

/** A store that neither takes writes nor lists for as long as it is away. */
function storeWithSwitch() {
  const store = { isAway: false, refused: 0 }
  const refusing =
    <Args extends readonly unknown[], Result>(write: (...args: Args) => Promise<Result>) =>
    (...args: Args) => {
      if (!store.isAway) return write(...args)
      store.refused += 1
      return Promise.reject(new StatusError('ServiceUnavailable', 'the store does not answer'))
    }
  const storeOf = (objects: Objects): Objects => ({
    ...objects,
    patch: refusing(objects.patch),
    update: refusing(objects.update),
    list: refusing(objects.list),
  })
  return { store, storeOf }
}

const isRunningPod = (pod: KubeObject) => phase(pod) === 'Running'
const sleeper = {
  containers: [{ name: 'main', image: 'sh', args: ['sleep 1000'] }],
}

test('a Pod that ends while the store is away is let go as soon as the store is back', async () => {
  const { store, storeOf } = storeWithSwitch()
  const machine = await createMachine({ octet: 246, storeOf })
  onTestFinished(machine.close)
  const pod = await machine.until(await machine.createPod(sleeper), isRunningPod)
  store.isAway = true
  await machine.objects.delete({
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'one',
    name: pod.metadata.name,
  })
  await expect.poll(() => store.refused, { timeout: 20_000 }).toBeGreaterThan(2)
  store.isAway = false
  await machine.untilGone(pod)
})

test('a runner that stops while the store is away does not wait for it for ever', async () => {
  const { store, storeOf } = storeWithSwitch()
  const machine = await createMachine({ octet: 247, storeOf })
  onTestFinished(machine.close)
  await machine.until(await machine.createPod(sleeper), isRunningPod)
  store.isAway = true
  await machine.runner.stop({ keepPods: false })
  expect(store.refused).toBeGreaterThan(0)
  store.isAway = false
})

test('pods that nobody could read since the last Pulse end all the same when this one stops', async () => {
  const { store, storeOf } = storeWithSwitch()
  const machine = await createMachine({ octet: 248, storeOf })
  onTestFinished(machine.close)
  const mark = `619.${process.pid}`
  const spec = { containers: [{ name: 'main', image: 'sh', args: [`exec sleep ${mark}`] }] }
  await machine.until(await machine.createPod(spec), isReady)
  await expect.poll(() => processesWith(mark)).toHaveLength(1)
  await machine.runner.stop({ keepPods: true })
  store.isAway = true
  machine.restart()
  await expect.poll(() => store.refused).toBeGreaterThan(0)
  await machine.runner.stop({ keepPods: false })
  expect(processesWith(mark)).toEqual([])
  store.isAway = false
})
