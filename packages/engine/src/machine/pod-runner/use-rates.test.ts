import { expect, test } from 'vitest'
import type { PodUse } from './pod-use.ts'
import { createUseRates } from './use-rates.ts'

/** Counters of one pod, which a test moves together with the clock. */
function world() {
  const state = { at: 1_000_000, cpuSeconds: 10, looks: 0, uid: 'a' }
  const read = async (): Promise<readonly PodUse[]> => {
    state.looks += 1
    const { uid, cpuSeconds } = state
    const containers = [{ name: 'odoo', cpuSeconds, memoryBytes: 100 }]
    return [{ namespace: 'instance-acme', name: 'odoo-1', uid, containers }]
  }
  const rates = createUseRates({
    read,
    now: () => state.at,
    async pause(milliseconds) {
      state.at += milliseconds
      state.cpuSeconds += 0.25
    },
  })
  return { state, rates }
}

test('the first answer comes of two looks half a second apart', async () => {
  const { rates } = world()
  expect(await rates()).toMatchObject({
    windowMs: 500,
    pods: [{ name: 'odoo-1', containers: [{ name: 'odoo', cpus: 0.5, memoryBytes: 100 }] }],
  })
})

test('later ones are the average since the last look, and nobody looks twice within a second', async () => {
  const { state, rates } = world()
  await rates()
  state.at += 4_000
  state.cpuSeconds += 6
  const [one, other] = await Promise.all([rates(), rates()])
  expect(one.pods[0]?.containers).toMatchObject([{ cpus: 1.5 }])
  expect(other).toBe(one)
  state.at += 900
  expect(await rates()).toBe(one)
  expect(state.looks).toBe(3)
})

test('a pod that came since the last look is told by what it has used', async () => {
  const { state, rates } = world()
  await rates()
  state.at += 10_000
  Object.assign(state, { uid: 'b', cpuSeconds: 2 })
  expect((await rates()).pods[0]?.containers).toMatchObject([{ cpus: 0.2 }])
})
