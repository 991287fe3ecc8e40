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
 * process are on the disk too. What cannot be written, on a full disk above all, is lost: tenants matter more. The next
 * line that can be is preceded by one that says how many are missing.
 */
export function openLogFile(
  path: string,
  { maxBytes = 16 * mebibyte, keep = 3 }: LogFileOptions = {},
): LogFile {
  let file = openSync(path, 'a', 0o600)
  let size = fstatSync(file).size
  let lost = 0
  /** The disk took a part of a line. */
  let isTorn = false

  const rotate = () => {
    for (let number = keep; number > 0; number -= 1) {
      attempt(() => renameSync(number === 1 ? path : `${path}.${number - 1}`, `${path}.${number}`))
    }
    const next = openSync(path, 'a', 0o600)
    closeSync(file)
    file = next
    size = 0
  }

  /** Whether the whole line was taken. */
  const put = (line: string): boolean => {
    let isWhole = false
    attempt(() => {
      const bytes = Buffer.from(isTorn ? `\n${line}` : line)
      const taken = writeSync(file, bytes)
      size += taken
      isWhole = taken === bytes.length
      isTorn = !isWhole && (taken > 0 || isTorn)
    })
    return isWhole
  }

  return {
    write(line) {
      if (size >= maxBytes) attempt(rotate)
      if (lost > 0 && put(lostLine(lost))) lost = 0
      if (lost > 0 || !put(line)) lost += 1
    },
    close: () => closeSync(file),
  }
}

function lostLine(lost: number): string {
  const facts = { level: 'warn', time: new Date().toISOString(), lost }
  return `${JSON.stringify({ ...facts, msg: 'lines of this log could not be written' })}\n`
}

/** Does it if the disk lets us. */
function attempt(step: () => void) {
  try {
    step()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
  }
}
