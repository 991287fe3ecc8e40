import { Agent, request } from 'node:https'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { findControlPlane, startControlPlane } from '@pulse/testing'
import type { KeyedTable } from '../benchmarks-page.ts'
import { forkMain } from '../forked-main.ts'
import { median, percentile } from '../gateway/percentile.ts'
import { measuredOn } from '../measured-on.ts'
import type { FaceAnswer } from './face-main.ts'

/** Applies under way at a time, each on a connection of its own. */
const atOnce = 8
const limitMs = 30_000

interface Target {
  readonly name: string
  readonly url: string
  readonly ca: string
  readonly token: string
}

interface Round {
  readonly perSecond: number
  readonly medianMs: number
  readonly slowestMs: number
}

/** How many server-side applies of ConfigMaps in a second: of new ones, of a change, and of what is so already. */
export async function measureApplies(count: number): Promise<KeyedTable> {
  const rows: string[][] = []
  await withTargets(async (target) => {
    const agent = new Agent({ keepAlive: true, maxSockets: atOnce, ca: target.ca })
    // What the server and this process learn first counts for none of them.
    await applyAll(target, agent, { count: Math.ceil(count / 4), name: 'first', text: 'a' })
    const made = await applyAll(target, agent, { count, name: 'one', text: 'a' })
    const changed = await applyAll(target, agent, { count, name: 'one', text: 'b' })
    const same = await applyAll(target, agent, { count, name: 'one', text: 'b' })
    agent.destroy()
    const cells = [made, changed, same].flatMap(({ perSecond, medianMs, slowestMs }) => [
      perSecond.toFixed(0),
      `${medianMs.toFixed(1)} / ${slowestMs.toFixed(1)}`,
    ])
    rows.push([target.name, ...cells, measuredOn()])
  })
  const heads = ['new', 'changed', 'the same'].flatMap((what) => [`${what} /s`, 'p50 / p99 ms'])
  return { head: ['server', ...heads, 'measured'], rows }
}

/** One after the other: each has the machine to itself. */
async function withTargets(measure: (target: Target) => Promise<void>): Promise<void> {
  const main = fileURLToPath(new URL('face-main.ts', import.meta.url))
  for (const store of ['memory', 'postgres']) {
    await using face = forkMain<FaceAnswer>(main, [store])
    const { port, ...access } = await face.answer()
    await measure({ name: `Pulse, ${store}`, url: `https://127.0.0.1:${port}`, ...access })
  }
  const found = await findControlPlane()
  if ('missing' in found) throw new Error(`no kube-apiserver to compare with: ${found.missing}`)
  await using plane = await startControlPlane(found.programs)
  await measure({ name: 'kube-apiserver, etcd', ...plane })
}

interface Work {
  readonly count: number
  readonly name: string
  readonly text: string
}

async function applyAll(target: Target, agent: Agent, { count, name, text }: Work): Promise<Round> {
  const took: number[] = []
  let next = 0
  const worker = async () => {
    while (next < count) {
      const index = next
      next += 1
      const begunAt = performance.now()
      await apply(target, agent, configMap(`${name}-${index}`, text))
      took.push(performance.now() - begunAt)
    }
  }
  const begunAt = performance.now()
  await Promise.all(Array.from({ length: atOnce }, worker))
  const seconds = (performance.now() - begunAt) / 1000
  return {
    perSecond: count / seconds,
    medianMs: median(took),
    slowestMs: percentile(took, 0.99),
  }
}

/** Of the size of those that an environment has. */
function configMap(name: string, text: string) {
  const labels = { 'app.kubernetes.io/name': 'bench', 'app.kubernetes.io/part-of': 'pulse' }
  const data = Object.fromEntries(
    Array.from({ length: 8 }, (_, index) => [`key-${index}`, text.repeat(64)]),
  )
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data }
}

type ConfigMap = ReturnType<typeof configMap>

async function apply({ url, token }: Target, agent: Agent, object: ConfigMap): Promise<void> {
  const path = `/api/v1/namespaces/default/configmaps/${object.metadata.name}?fieldManager=bench`
  const outgoing = request(new URL(path, url), {
    agent,
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/apply-patch+yaml',
    },
    signal: AbortSignal.timeout(limitMs),
  })
  const answered = Promise.withResolvers<void>()
  outgoing.once('error', answered.reject)
  outgoing.once('response', (response) => {
    text(response).then((body) => {
      const { statusCode = 0 } = response
      if (statusCode < 300) answered.resolve()
      else answered.reject(new Error(`${url}${path}: ${statusCode} ${body.slice(0, 500)}`))
    }, answered.reject)
  })
  outgoing.end(JSON.stringify(object))
  await answered.promise
}
