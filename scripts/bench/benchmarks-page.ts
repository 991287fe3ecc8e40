import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const path = join(import.meta.dirname, '..', '..', 'docs', 'benchmarks.md')

/** Puts what was measured under its heading on the page of all measurements; the rest of it stays as it is. */
export function writeSection(title: string, text: string): void {
  writeFileSync(path, withSection(readFileSync(path, 'utf8'), title, text))
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
