import { type FSWatcher, watch } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

export interface LogOptions {
  readonly follow: boolean
  /** Only the last so many lines; absent: all. */
  readonly tailLines?: number | undefined
  /** RFC 3339: a log last written before it is left out. Lines carry no time of their own, so it cuts no finer. */
  readonly sinceTime?: string | undefined
  readonly limitBytes?: number | undefined
}

export interface LogSource {
  readonly path: string
  /** Whether the writer is gone; then following ends with the file. */
  readonly hasEnded: () => boolean
  /** Calls back when the writer may have ended; the answer unsubscribes. */
  readonly onChange: (run: () => void) => () => void
}

const chunkBytes = 65_536

/** Reads a log from where the options say, and goes on as it grows if asked to; never polls. */
export async function* readLog(
  { path, hasEnded, onChange }: LogSource,
  { follow, tailLines, sinceTime, limitBytes }: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const file = await open(path)
  const growth = follow ? watchGrowth(path, onChange, signal) : undefined
  let left = limitBytes ?? Number.POSITIVE_INFINITY
  try {
    const { mtime, size } = await file.stat()
    const isOld = sinceTime !== undefined && mtime.getTime() < Date.parse(sinceTime)
    let at = isOld
      ? size
      : tailLines === undefined
        ? 0
        : await startOfTail(file, { size, tailLines })
    while (left > 0 && !signal.aborted) {
      const ended = hasEnded()
      const room = Math.min(chunkBytes, left)
      const { buffer, bytesRead } = await file.read(Buffer.alloc(room), 0, room, at)
      if (bytesRead > 0) {
        at += bytesRead
        left -= bytesRead
        yield buffer.subarray(0, bytesRead)
        continue
      }
      if (!growth || ended) return
      const { size: sizeNow } = await file.stat()
      if (sizeNow < at) at = 0
      else await growth.next()
    }
  } finally {
    growth?.close()
    await file.close()
  }
}

/** More than a log has before it is cut; one that its writer has stretched has no lines beyond. */
const tailBytesMax = 64 * 2 ** 20

/** Where the last lines begin: read backwards, so that the length of the log does not matter. */
async function startOfTail(
  file: FileHandle,
  { size, tailLines: lines }: { readonly size: number; readonly tailLines: number },
): Promise<number> {
  if (lines <= 0) return size
  let found = 0
  const first = Math.max(0, size - tailBytesMax)
  for (let end = size; end > first; end -= chunkBytes) {
    const from = Math.max(0, end - chunkBytes)
    const { buffer } = await file.read(Buffer.alloc(end - from), 0, end - from, from)
    for (let index = buffer.length - 1; index >= 0; index -= 1) {
      if (buffer[index] !== 10 || from + index === size - 1) continue
      found += 1
      if (found === lines) return from + index + 1
    }
  }
  return first
}

/** A bell that rings when the file changes or its writer may have ended, and remembers one ring. */
function watchGrowth(path: string, onChange: LogSource['onChange'], signal: AbortSignal) {
  let rung = false
  let wake: (() => void) | undefined
  const ring = () => {
    rung = true
    wake?.()
  }
  const watcher: FSWatcher = watch(path, ring)
  watcher.on('error', ring)
  const unsubscribe = onChange(ring)
  signal.addEventListener('abort', ring)
  return {
    async next() {
      if (!rung) await new Promise<void>((resolve) => (wake = resolve))
      rung = false
      wake = undefined
    },
    close() {
      watcher.close()
      unsubscribe()
      signal.removeEventListener('abort', ring)
    },
  }
}
