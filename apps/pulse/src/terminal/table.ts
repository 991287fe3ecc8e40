import { plainLine } from '@pulse/api'

/**
 * Rows as kubectl prints them: left-aligned columns, three spaces apart, no lines. Each row is one line, whoever has
 * written its cells.
 */
export function renderTable(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const all = [headers, ...rows].map((row) => row.map(plainLine))
  const widths = headers.map((_, at) => Math.max(...all.map((row) => displayWidth(row[at] ?? ''))))
  return all
    .map((row) =>
      row
        .map((cell, at) => (at === headers.length - 1 ? cell : padTo(cell, (widths[at] ?? 0) + 3)))
        .join('')
        .trimEnd(),
    )
    .join('\n')
}

function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

/** Characters as a terminal counts them; combining marks take no room. */
function displayWidth(text: string): number {
  return [...text.replace(/\p{Mark}/gu, '')].length
}
