import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs'

export interface LogFileOptions {
  /** A file that has grown beyond this gives way to a new one. */
  readonly maxBytes?: number
  /** How many old files stay, as `{path}.1` (the youngest) and so on. */
  readonly keep?: number
}

export interface LogFile {
  write(line: string): void
  close(): void
}

const mebibyte = 1024 * 1024

/**
 * A log that takes a bounded part of the disk. A line is written before the call returns, so that the last words of a
 * process are on the disk too. What cannot be written, on a full disk above all, is lost: tenants matter more.
 */
export function openLogFile(
  path: string,
  { maxBytes = 16 * mebibyte, keep = 3 }: LogFileOptions = {},
): LogFile {
  let file = openSync(path, 'a', 0o600)
  let size = fstatSync(file).size

  const rotate = () => {
    for (let number = keep; number > 0; number -= 1) {
      attempt(() => renameSync(number === 1 ? path : `${path}.${number - 1}`, `${path}.${number}`))
    }
    const next = openSync(path, 'a', 0o600)
    closeSync(file)
    file = next
    size = 0
  }

  return {
    write(line) {
      if (size >= maxBytes) attempt(rotate)
      attempt(() => {
        size += writeSync(file, line)
      })
    },
    close: () => closeSync(file),
  }
}

/** Does it if the disk lets us. */
function attempt(step: () => void) {
  try {
    step()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
  }
}
