import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { markdownTable } from './markdown-table.ts'

const path = join(import.meta.dirname, '..', '..', 'docs', 'benchmarks.md')

/** A table whose rows are told apart by their first cell. */
export interface KeyedTable {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Puts what was measured under its heading on the page of all measurements; the rest of it stays as it is. */
export function writeSection(title: string, text: string): void {
  writeFileSync(path, withSection(readFileSync(path, 'utf8'), title, text))
}

/** For what is measured in several runs: rows that were measured anew are replaced, the section's others stay. */
export function writeRows(title: string, intro: string, tables: readonly KeyedTable[]): void {
  writeFileSync(path, withRows(readFileSync(path, 'utf8'), title, { intro, tables }))
}

/** A heading that is not there yet comes last. */
export function withSection(page: string, title: string, text: string): string {
  const section = `## ${title}\n\n${text.trim()}\n`
  const parts = page.split(/^(?=## )/m)
  const isThis = (part: string) => part.startsWith(`## ${title}\n`)
  const isKnown = parts.some(isThis)
  const next = isKnown ? parts.map((part) => (isThis(part) ? section : part)) : [...parts, section]
  return `${next.map((part) => part.trim()).join('\n\n')}\n`
}

/** Tables are told apart by their heads; one with another head than those of the section comes last. */
export function withRows(
  page: string,
  title: string,
  { intro, tables }: { readonly intro: string; readonly tables: readonly KeyedTable[] },
): string {
  const merged = tablesOf(page, title)
  for (const { head, rows } of tables) {
    const key = head.join()
    merged.set(key, { head, rows: withNewer(merged.get(key)?.rows ?? [], rows) })
  }
  const texts = [...merged.values()].map(({ head, rows }) => markdownTable(head, rows))
  return withSection(page, title, [intro, ...texts].join('\n\n'))
}

function withNewer(known: KeyedTable['rows'], measured: KeyedTable['rows']): KeyedTable['rows'] {
  const rows = new Map(known.map((row) => [row[0], row]))
  for (const row of measured) rows.set(row[0], row)
  return [...rows.values()]
}

/** The tables of a section by their heads. */
function tablesOf(page: string, title: string): Map<string, KeyedTable> {
  const section = page.split(/^(?=## )/m).find((part) => part.startsWith(`## ${title}\n`)) ?? ''
  const tables = section.split(/\n{2,}/).filter((block) => block.startsWith('|'))
  return new Map(
    tables.map((table): [string, KeyedTable] => {
      const [head = [], , ...rows] = table.trim().split('\n').map(cellsOf)
      return [head.join(), { head, rows }]
    }),
  )
}

function cellsOf(line: string): readonly string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
}
