import { normalisePath } from '../path.ts'

/** A request target in its two parts. */
export interface SplitTarget {
  readonly path: string
  /** Without its question mark. */
  readonly query: string
}

/** Splits at the first question mark, as it stands. */
export function splitTarget(target: string): SplitTarget {
  const at = target.indexOf('?')
  return at === -1
    ? { path: target, query: '' }
    : { path: target.slice(0, at), query: target.slice(at + 1) }
}

/**
 * Whether a request target is written the one plain way: nothing encoded, no dots, no double slash, no backslash. Only
 * such are served without Odoo, so that there is no second spelling which the two of us might read differently.
 */
export function isPlain({ path, query }: SplitTarget): boolean {
  return /^\/[\w./@+=,:~-]+$/.test(path) && normalisePath(path) === path && !query.includes('#')
}
