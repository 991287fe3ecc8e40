import { keptKindOf } from '../static/kept-kinds.ts'
import type { RequestClassRow } from './request-class.ts'

/** Files that may be served without the environment. */
export const fileClasses: readonly RequestClassRow[] = [
  {
    name: 'static-file',
    which: '`/<module>/static/…`',
    when: ({ path, reads }) => reads && keptKindOf(path, '') === 'static',
    wakes: true,
    activity: false,
    asleep: { kind: 'cache' },
    wording: 'text',
    reason:
      'The same bytes for everybody, and the gateway has the runtime’s. A tenant’s own are Odoo’s to serve.',
  },
  {
    name: 'asset-bundle',
    which: '`/web/assets/<hash>/…`',
    when: ({ path, query, reads }) => reads && keptKindOf(path, query) === 'bundle',
    wakes: true,
    activity: false,
    asleep: { kind: 'cache' },
    wording: 'text',
    reason: 'Odoo checks the hash: a copy under it can never be stale.',
  },
  {
    name: 'unique-file',
    which: '`/web/image` and `/web/content` with a unique hash',
    when: ({ path, query, reads }) => reads && keptKindOf(path, query) === 'unique',
    wakes: true,
    activity: false,
    asleep: { kind: 'cache' },
    wording: 'text',
    reason:
      'Kept only if Odoo said that it is public and does not change. Part of a page, no doing of a user.',
  },
]
