import type { KubeObject } from '@pulse/api'
import type { Objects } from '../objects.ts'
import { kinds } from './kinds.ts'
import { uidOf } from './namespace-uid.ts'

/** Which namespace has which uid: two numbers and a name for each, so that a pass need not read all of them. */
export interface UidTable {
  /** Reads all namespaces, once. */
  fill(): Promise<void>
  isTaken(uid: number): boolean
  /** Other namespaces that say they have the uid of this one. */
  rivalsOf(namespace: KubeObject): Promise<readonly KubeObject[]>
  /** Known before it is written. */
  take(name: string, uid: number): void
  leave(name: string): void
}

const pageSize = 500

export function createUidTable(objects: Pick<Objects, 'get' | 'list'>): UidTable {
  const uids = new Map<string, number>()
  /** Hardly ever more than one. */
  const names = new Map<number, readonly string[]>()
  let filling: Promise<void> | undefined

  function leave(name: string) {
    const uid = uids.get(name)
    if (uid === undefined) return
    uids.delete(name)
    const others = (names.get(uid) ?? []).filter((holder) => holder !== name)
    if (others.length === 0) names.delete(uid)
    else names.set(uid, others)
  }

  function take(name: string, uid: number) {
    leave(name)
    uids.set(name, uid)
    names.set(uid, [...(names.get(uid) ?? []), name])
  }

  async function readAll() {
    for (let token: string | undefined, isMore = true; isMore; isMore = token !== undefined) {
      const page = await objects.list({
        // A uid that was overlooked would be given to a second tenant.
        ...{ ...kinds.namespace, limit: pageSize, isWhole: true },
        ...(token !== undefined && { continue: token }),
      })
      for (const item of page.items) {
        const uid = uidOf(item)
        if (uid !== undefined) take(item.metadata.name, uid)
      }
      token = page.continue
    }
  }

  return {
    async fill() {
      filling ??= readAll()
      try {
        await filling
      } catch (error) {
        filling = undefined
        throw error
      }
    },
    isTaken: (uid) => names.has(uid),
    async rivalsOf(namespace) {
      const uid = uidOf(namespace)
      const { name: own } = namespace.metadata
      const others = (names.get(uid ?? -1) ?? []).filter((name) => name !== own)
      const found = await Promise.all(
        others.map((name) => objects.get({ ...kinds.namespace, name })),
      )
      return found.filter((rival) => rival !== undefined).filter((rival) => uidOf(rival) === uid)
    },
    take,
    leave,
  }
}
