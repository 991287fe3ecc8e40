import type { MachineTop, TopRow } from '../machine-top/schema.ts'

export const topSorts = ['cpu', 'memory', 'requests', 'name'] as const
export type TopSort = (typeof topSorts)[number]

/** What somebody has chosen to see. */
export interface TopView {
  readonly sort: TopSort
  /** Part of the name; empty shows all. */
  readonly filter: string
  /** Whether keys are letters of the filter. */
  readonly isTyping: boolean
  /** Rows above the first that is shown. */
  readonly offset: number
}

export interface ShownRow extends TopRow {
  /** Undefined before there are two looks. */
  readonly requestsPerSecond: number | undefined
}

/** Rows in the order that is asked for, with how often they were asked for since the look before. */
export function rowsOf(
  top: MachineTop,
  before: MachineTop | undefined,
  { sort, filter }: Pick<TopView, 'sort' | 'filter'>,
): readonly ShownRow[] {
  const earlier = new Map(before?.rows.map(({ name, requests }) => [name, requests]))
  const seconds = before === undefined ? 0 : (top.at - before.at) / 1000
  return top.rows
    .filter(({ name }) => name.includes(filter))
    .map((row) => ({ ...row, requestsPerSecond: rateOf(row, earlier.get(row.name), seconds) }))
    .toSorted((a, b) => orders[sort](a, b) || a.name.localeCompare(b.name))
}

/** A gateway that was started anew counts from nothing. */
function rateOf({ requests }: TopRow, before: number | undefined, seconds: number) {
  if (seconds <= 0) return undefined
  return Math.max(0, requests - (before ?? 0)) / seconds
}

const orders: Readonly<Record<TopSort, (a: ShownRow, b: ShownRow) => number>> = {
  cpu: (a, b) => b.cpus - a.cpus,
  memory: (a, b) => b.memoryBytes - a.memoryBytes,
  requests: (a, b) => (b.requestsPerSecond ?? 0) - (a.requestsPerSecond ?? 0),
  name: () => 0,
}

/** What a key changes; `quit` ends it. `page` is how many rows are seen at once. */
export function press(view: TopView, key: string, page: number): TopView | 'quit' {
  if (key === 'ctrl-c') return 'quit'
  if (view.isTyping) return type(view, key)
  const sort = { c: 'cpu', m: 'memory', r: 'requests', n: 'name' } as const
  const moves: Readonly<Record<string, number>> = {
    ...{ up: -1, down: 1, pageup: -page, pagedown: page },
    ...{ home: -Infinity, end: Infinity },
  }
  if (key === 'q') return 'quit'
  if (key === '/') return { ...view, isTyping: true, filter: '', offset: 0 }
  if (key === 'escape') return { ...view, filter: '', offset: 0 }
  if (key in moves) return { ...view, offset: Math.max(0, view.offset + (moves[key] ?? 0)) }
  const chosen = Object.entries(sort).find(([letter]) => letter === key)?.[1]
  return chosen === undefined ? view : { ...view, sort: chosen, offset: 0 }
}

function type(view: TopView, key: string): TopView {
  if (key === 'enter') return { ...view, isTyping: false }
  if (key === 'escape') return { ...view, isTyping: false, filter: '' }
  if (key === 'backspace') return { ...view, filter: view.filter.slice(0, -1) }
  return /^[a-z0-9-]$/.test(key) ? { ...view, filter: view.filter + key } : view
}
