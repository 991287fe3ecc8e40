import { type KubeObject, keyOf, refOf } from '@pulse/api'
import { fingerprint } from './fingerprint.ts'

/** Whether a change matters to somebody who looks at no more of an object than `facts`. */
export type IsNews = (object: KubeObject, gone: boolean) => boolean

export function createNews(facts: (object: KubeObject) => unknown): IsNews {
  const known = new Map<string, string>()
  return (object, gone) => {
    const key = keyOf(refOf(object))
    if (gone) {
      known.delete(key)
      return true
    }
    const now = fingerprint(facts(object))
    const isNews = known.get(key) !== now
    known.set(key, now)
    return isNews
  }
}
