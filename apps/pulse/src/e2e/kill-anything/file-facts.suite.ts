import { createHash } from 'node:crypto'
import { lstat, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { KubeObject } from '@pulse/api'
import { isKeptForItsLog } from './object-facts.suite.ts'

/** Nothing in there is a tenant's, or others count it. */
const opaque = ['postgres/data', 'postgres/log', 'stand-in', 'addons']
/** Written every now and then. */
const passing = ['pulse.log', 'life-figures.json']

/** Whoever takes a container over removes what its start was guarded by, and the end of its pod removes the rest. */
const startTraces = /^pods\/[0-9a-f-]{36}\/[0-9a-f-]{36}(\.born)?$/

/** Folders and files of one installation, on its disk and in memory; those of pods belong to pods that are. */
export async function fileFacts(
  stateDir: string,
  objects: readonly KubeObject[],
): Promise<readonly string[]> {
  const pods = new Map(
    objects.filter(({ kind }) => kind === 'Pod').map((pod) => [pod.metadata.uid ?? '', pod]),
  )
  const jobs = new Set(objects.filter(isKeptForItsLog).map(({ metadata }) => metadata.uid))
  const inMemory = join(
    '/dev/shm',
    `pulse-${createHash('sha256').update(stateDir).digest('hex').slice(0, 16)}`,
  )
  const paths = [
    ...(await walk(stateDir)).map((path) => relative(stateDir, path)),
    ...(await walk(inMemory)).map((path) => join('memory', relative(inMemory, path))),
  ]
  const environments = objects.filter(({ kind }) => kind === 'TenantEnvironment')
  const histories = environments.map(({ metadata }) => `histories/${metadata.name}.json`)
  const lines = paths.flatMap((path) => {
    // Written once there is something to tell.
    if (histories.includes(path)) return []
    if (passing.includes(path)) return []
    if (startTraces.test(path)) return []
    const [, uid = ''] = /^(?:pods|memory)\/([0-9a-f-]{36})/.exec(path) ?? []
    if (uid === '') return [`file: ${path}`]
    const pod = pods.get(uid)
    if (pod === undefined) return [`file of no pod: ${path}`]
    if ((pod.metadata.ownerReferences ?? []).some((owner) => jobs.has(owner.uid))) return []
    return [`file of ${pod.metadata.namespace}: ${path.replace(/\d+\.log/, '#.log')}`]
  })
  return [...new Set(lines)]

  async function walk(folder: string): Promise<readonly string[]> {
    if (opaque.includes(relative(stateDir, folder))) return []
    const names = await readdir(folder).catch(() => [])
    const found = await Promise.all(
      names.map(async (name) => {
        const path = join(folder, name)
        const stat = await lstat(path).catch(() => undefined)
        if (stat === undefined) return []
        return stat.isDirectory() ? [path, ...(await walk(path))] : [path]
      }),
    )
    return found.flat()
  }
}
