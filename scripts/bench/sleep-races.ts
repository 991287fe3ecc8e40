import { setTimeout as delay } from 'node:timers/promises'
import { type KubeObject, lifeAnnotation, recordOf } from '@pulse/api'
import { followKind, systemClock } from '@pulse/engine'
import { createLog } from '@pulse/service'
import { type Asked, askPage } from './ask-page.ts'
import { isSignedWith } from './page-signature.ts'
import { type Bench, until } from './pulse.ts'
import { createSleepers, sleeperName } from './sleeps.ts'
import { isWorker } from './tenants.ts'
import { countBy } from './wake-times.ts'

/** What became of requests around the sleeps of real processes. */
export interface SleepRaces {
  readonly sleeps: number
  readonly requests: number
  /** Requests that got no page. */
  readonly lost: number
  /** Requests that got a page of another database than their tenant's. */
  readonly misrouted: number
  /** Processes beyond one for each wake. */
  readonly startedTwice: number
  /** Requests by what came of them. */
  readonly answers: Readonly<Record<string, number>>
}

/** Visitors come at the rhythm at which each tenant falls asleep, until so many sleeps have been seen. */
export async function raceSleeps(
  bench: Bench,
  { tenants, sleeps }: { readonly tenants: number; readonly sleeps: number },
): Promise<SleepRaces> {
  await createSleepers(bench, tenants, '1s')
  await using starts = await countStarts(bench)
  const before = await generations(bench, tenants)
  const ends: string[] = []
  let [seen, isOver] = [0, false]
  const visit = async (index: number) => {
    const name = sleeperName(index)
    const secret = await secretOf(bench, name)
    while (!isOver) {
      const crowd = Math.random() < 0.1 ? 5 : 1
      const all = Array.from({ length: crowd }, () => askPage(bench.httpPort, name))
      for (const asked of await Promise.all(all)) ends.push(endOf(asked, secret))
      await delay(Math.random() < 0.8 ? 900 + Math.random() * 1_500 : Math.random() * 100)
    }
  }
  const visitors = Array.from({ length: tenants }, (_, index) => visit(index))
  while (seen < sleeps) {
    await delay(2_000)
    seen = (await generations(bench, tenants)) - before
    console.error(`${seen} of ${sleeps} sleeps, ${ends.length} requests`)
  }
  isOver = true
  await Promise.all(visitors)
  seen = (await generations(bench, tenants)) - before
  await until(
    'each wake is seen to start a process',
    async () => starts.count() >= seen || undefined,
  )
  const answers = countBy(ends)
  const { served = 0, misrouted = 0 } = answers
  return {
    sleeps: seen,
    requests: ends.length,
    lost: ends.length - served - misrouted,
    misrouted,
    startedTwice: starts.count() - seen,
    answers,
  }
}

/** `served`, `misrouted`, or what came instead of a page. */
function endOf({ how, signature }: Asked, secret: string): string {
  if (how !== '200') return how
  if (signature === undefined) return '200 without a token'
  return isSignedWith(signature, secret) ? 'served' : 'misrouted'
}

async function secretOf({ query }: Bench, tenant: string): Promise<string> {
  const statement = "SELECT value FROM ir_config_parameter WHERE key = 'database.secret'"
  const [row] = await query(`${tenant}.localhost`, statement)
  return String(row?.value)
}

/** Counts the pods of workers that are made from now on. */
async function countStarts({ objects }: Bench) {
  const ending = new AbortController()
  const uids = new Set<string | undefined>()
  const source = followKind(
    { apiVersion: 'v1', kind: 'Pod' },
    {
      objects,
      log: createLog('warn'),
      clock: systemClock,
      random: Math.random,
      signal: ending.signal,
      onChange(object: KubeObject) {
        if (isWorker(object)) uids.add(object.metadata.uid)
      },
      onGap() {
        throw new Error('pods may have been missed: their watch was interrupted')
      },
    },
  )
  await source.synced
  const before = uids.size
  return {
    count: () => uids.size - before,
    async [Symbol.asyncDispose]() {
      ending.abort()
      await source.ended
    },
  }
}

/** How often all of them together have been woken; each was asleep before. */
async function generations({ objects }: Bench, tenants: number): Promise<number> {
  let sum = 0
  for (let index = 0; index < tenants; index += 1) {
    const name = sleeperName(index)
    const deployment = await objects.get({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespace: `instance-${name}`,
      name: `odoo-${name}`,
    })
    const life: unknown = JSON.parse(deployment?.metadata.annotations?.[lifeAnnotation] ?? '{}')
    sum += Number(recordOf(life).generation ?? 0)
  }
  return sum
}
