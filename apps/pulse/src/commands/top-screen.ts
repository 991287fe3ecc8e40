import type { MachineTop } from '../machine-top/schema.ts'
import { bytesWords } from '../terminal/bytes-words.ts'
import { clipTo } from '../terminal/lines.ts'
import { ageOf } from './print.ts'
import { rowsOf, type ShownRow, type TopView } from './top-view.ts'

export interface TopFacts {
  readonly top: MachineTop
  readonly before: MachineTop | undefined
  readonly view: TopView
  readonly columns: number
  /** Rows that are shown; undefined shows all. */
  readonly page?: number | undefined
}

/** Lines that are no rows: totals, what is seen, titles. */
export const linesAround = 4

const widths = { state: 8, cpu: 6, memory: 8, rate: 6, last: 6, pods: 4, database: 8, sleep: 8 }
const fixedColumns = Object.values(widths).reduce((sum, width) => sum + width + 1, 0)
const shortestName = 12

/** The table, none of its lines wider than the terminal. */
export function topScreen({ top, before, view, columns, page }: TopFacts): readonly string[] {
  const all = rowsOf(top, before, view)
  const offset = Math.min(view.offset, Math.max(0, all.length - (page ?? all.length)))
  const shown = all.slice(offset, page === undefined ? undefined : offset + page)
  const nameColumns = Math.max(shortestName, columns - fixedColumns)
  const titles = ['STATE', 'CPU', 'MEMORY', 'REQ/S', 'LAST', 'PODS', 'DATABASE', 'SLEEP IN']
  const { totals, environments, asleep } = top
  const running = environments - asleep
  return [
    `${environments} environments, ${asleep} asleep, ${running} not; ${totals.pods} pods use ${totals.cpus.toFixed(2)} CPU, ${bytesWords(totals.memoryBytes)}`,
    viewWords(view, { from: offset, to: offset + shown.length, all: all.length }),
    '',
    line('NAME', titles, nameColumns),
    ...shown.map((row) => line(row.name, cellsOf(row, top.at), nameColumns)),
  ].map((text) => clipTo(text, columns))
}

function viewWords(
  { sort, filter, isTyping }: TopView,
  { from, to, all }: Readonly<Record<'from' | 'to' | 'all', number>>,
): string {
  if (isTyping) return `filter: ${filter}_   Enter keeps it, Esc drops it`
  const filtered = filter === '' ? '' : ` with "${filter}"`
  const range = all === 0 ? 'nothing runs' : `${from + 1}–${to} of ${all}`
  return `${range}${filtered}, by ${sort}   (c m r n sort, / filter, arrows, q quit)`
}

function cellsOf(row: ShownRow, at: number): readonly string[] {
  const { hosting, state, cpus, memoryBytes, pods, requestsPerSecond } = row
  const { lastRequestAt, databaseBytes, sleepsAt } = row
  const hasOwn = hosting !== 'member'
  return [
    state,
    hasOwn ? cpus.toFixed(2) : '-',
    hasOwn ? bytesWords(memoryBytes) : '-',
    hosting === 'pool' || requestsPerSecond === undefined ? '-' : requestsPerSecond.toFixed(1),
    lastRequestAt === undefined ? '-' : ageOf(new Date(lastRequestAt).toISOString(), new Date(at)),
    hasOwn ? String(pods) : '-',
    databaseBytes === undefined ? '-' : bytesWords(databaseBytes),
    sleepsAt === undefined ? '-' : ageOf(new Date(at).toISOString(), new Date(sleepsAt)),
  ]
}

function line(name: string, cells: readonly string[], nameColumns: number): string {
  const columns = Object.values(widths)
  const padded = cells.map((cell, at) => cell.padStart(columns[at] ?? 0))
  return [clipTo(name, nameColumns).padEnd(nameColumns), ...padded].join(' ').trimEnd()
}
