import { clients, get, patch, remove } from './calls.suite.ts'
import type { Row } from './story.suite.ts'

/** Clients are held by a finalizer, and taken down by nobody here. */
export function letGo(...names: readonly string[]): readonly Row[] {
  return names.flatMap((name) => [
    { title: `${name} goes`, call: remove(`${clients}/${name}`) },
    {
      title: `${name} is let go`,
      call: patch('merge', `${clients}/${name}`, { metadata: { finalizers: null } }),
    },
    { title: `${name} is gone`, call: get(`${clients}/${name}`) },
  ])
}
