import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { apiVersion } from '@pulse/api'
import type { ObjectsClient } from '@pulse/engine'
import { findKubectls } from '@pulse/testing'
import { median, percentile } from '../gateway/percentile.ts'
import { until } from '../pulse.ts'
import { labelAt } from './tenants-like.ts'

const run = promisify(execFile)
const lists = 3

/** Seconds until kubectl has printed the table of all tenants, in its own pages of 500; the median. */
export async function timeKubectl(stateDir: string): Promise<number> {
  const [kubectl] = await findKubectls()
  if (kubectl === undefined) throw new Error('there is no kubectl')
  const seconds: number[] = []
  for (let turn = 0; turn < lists; turn += 1) {
    const begun = performance.now()
    await run(kubectl.path, ['--kubeconfig', join(stateDir, 'kubeconfig'), 'get', 'planaclients'], {
      timeout: 120_000,
      maxBuffer: 64 << 20,
    })
    seconds.push((performance.now() - begun) / 1000)
  }
  return median(seconds)
}

const watchers = 100
const turns = 20
/** Before those that count: this process has to learn as well how to read a hundred answers. */
const firstTurns = 5

/** Milliseconds from a write until each watcher has its event, all of them in one process; the 99th percentile. */
export async function timeWatchers(objects: ObjectsClient): Promise<number> {
  const halt = new AbortController()
  const clients = { apiVersion, kind: 'PLANAClient' }
  const { resourceVersion } = await objects.list({ ...clients, limit: 1 })
  const heard: number[] = []
  const watch = async () => {
    const query = { ...clients, resourceVersion, signal: halt.signal }
    let last: string | undefined
    for await (const { object } of objects.watch(query)) {
      const written = object.metadata.annotations?.[turnAnnotation]
      // What comes of the write, as a status, carries it as well.
      if (written === undefined || written === last) continue
      last = written
      heard.push(performance.now() - Number(written))
    }
  }
  const watching = Array.from({ length: watchers }, () => watch().catch(ignoreAbort))
  for (let turn = 1; turn <= firstTurns + turns; turn += 1) {
    const annotations = { [turnAnnotation]: String(performance.now()) }
    const patch = { type: 'merge', patch: { metadata: { annotations } } } as const
    await objects.patch({ ...clients, name: labelAt(0) }, patch, { fieldManager: 'bench' })
    await until(`turn ${turn} is heard`, async () =>
      heard.length >= turn * watchers ? true : undefined,
    )
  }
  halt.abort()
  await Promise.all(watching)
  return percentile(heard.slice(firstTurns * watchers), 0.99)
}

const turnAnnotation = 'bench.pulse/written-at'

function ignoreAbort(error: unknown) {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error
}
