import type { Terminal } from './progress.ts'

/** Results. */
export const standardOutput: Terminal = {
  interactive: process.stdout.isTTY === true,
  write: (text) => process.stdout.write(text),
}

/** Progress and errors, so that results can be piped. */
export const standardError: Terminal = {
  interactive: process.stderr.isTTY === true,
  write: (text) => process.stderr.write(text),
}
