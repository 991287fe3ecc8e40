import { type Asked, askPage } from './ask-page.ts'
import { type Bench, isReady, until } from './pulse.ts'
import { createTenant, isWorker } from './tenants.ts'
import { type WakeTimes, wakeTimesOf } from './wake-times.ts'
import { machineCpuMs } from './worker-process.ts'

const pods = { apiVersion: 'v1', kind: 'Pod', namespace: 'plana-odoo-18' } as const
const tenantName = (index: number) => `pooled${index}`

/**
 * First pages of tenants whose registries the running process of a pool does not hold, one after the other: after an
 * eviction there is no more of them there than after its start.
 */
export async function wakeInPool(bench: Bench, rounds: number): Promise<WakeTimes> {
  for (let index = 0; index <= rounds; index += 1) {
    await createTenant(bench, tenantName(index), { hosting: 'pool' })
  }
  await renewWorkers(bench)
  // The first page of a process also warms up what all tenants share.
  await askPage(bench.httpPort, tenantName(0))
  const asked: Asked[] = []
  let cpuMs = 0
  for (let round = 1; round <= rounds; round += 1) {
    const cpuBefore = await machineCpuMs()
    asked.push(await askPage(bench.httpPort, tenantName(round)))
    cpuMs += (await machineCpuMs()) - cpuBefore
  }
  return wakeTimesOf(asked, cpuMs)
}

/** The pool's process gives way to a new one, which holds no registry. */
async function renewWorkers({ objects }: Bench) {
  const before = (await objects.list(pods)).items.filter(isWorker)
  for (const { metadata } of before) await objects.delete({ ...pods, name: metadata.name })
  await until('the pool has a new process', async () => {
    const now = (await objects.list(pods)).items.filter(isWorker)
    const isNew = now.every(({ metadata }) =>
      before.every((old) => old.metadata.uid !== metadata.uid),
    )
    return (isNew && now.length > 0 && now.every(isReady)) || undefined
  })
}
