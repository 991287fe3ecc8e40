/** The two nearest places in our own sources that led here, across awaits: `publish.ts:21<claim.ts:78`. */
export function callSite(): string {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 60
  const { stack = '' } = new Error('where are we')
  Error.stackTraceLimit = stackTraceLimit
  const ours = [...stack.matchAll(/\/(?:apps|packages)\/[^\s()]*\/src\/([^\s():]+):(\d+):\d+/g)]
    .map(([, file = '', line]) => ({ file, line }))
    .filter(({ file }) => !file.startsWith('e2e/') && !passages.some((end) => file.endsWith(end)))
    .map(({ file, line }) => `${file.slice(file.lastIndexOf('/') + 1)}:${line}`)
  return ours.slice(0, 2).join('<') || '?'
}

/** Everybody comes through these: they tell nothing. */
const passages = [
  'database/administration.ts',
  'store/postgres/connection.ts',
  'store/postgres/transaction.ts',
  'odoo/src/journal.ts',
  'pod-runner/steps.ts',
]
