import {
  closeSync,
  constants,
  createReadStream,
  createWriteStream,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
} from 'node:fs'
import { open, rename, stat, truncate } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Log } from '@pulse/api'

const largestBytes = 10 * 2 ** 20
/** Older parts kept beside the current file. */
const keptParts = 3
/** What a status may quote of a log. */
const lastWordsBytes = 2048

export function logFile(podFolder: string, container: string, restart: number): string {
  return join(podFolder, 'logs', container, `${restart}.log`)
}

/** Opens the log of a run for its process; whoever writes appends, so that rotation may cut the file. */
export function openLogFile(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const { O_APPEND, O_CREAT, O_WRONLY } = constants
  return openSync(path, O_APPEND | O_CREAT | O_WRONLY, 0o600)
}

/** Makes an empty log, so that a reader finds one. */
export function createLogFile(path: string): void {
  closeSync(openLogFile(path))
}

/** Keeps the logs of this run and the one before it. */
export function removeOldLogs(podFolder: string, container: string, restart: number): void {
  const folder = dirname(logFile(podFolder, container, restart))
  for (const name of readdirSync(folder)) {
    if (Number.parseInt(name, 10) < restart - 1) rmSync(join(folder, name), { force: true })
  }
}

/**
 * Cuts a log that has grown too large. The writer keeps its file, so the end of it is copied and the file emptied:
 * lines written in between are lost, which is the price of processes that outlive us. No more is copied than a log may
 * have, since its writer can make it any length without writing a byte.
 */
export async function rotateLog(path: string, limit = largestBytes): Promise<void> {
  const { size } = await stat(path).catch(() => ({ size: 0 }))
  if (size < limit) return
  for (let part = keptParts - 1; part >= 1; part -= 1) {
    await rename(`${path}.${part}`, `${path}.${part + 1}`).catch(() => undefined)
  }
  const end = { start: Math.max(0, size - 2 * limit), end: size - 1 }
  await pipeline(createReadStream(path, end), createWriteStream(`${path}.1`, { mode: 0o600 }))
  await truncate(path)
}

const rotateEveryMs = 10_000

/** Rotates it now and then, once at a time, until the answer is called. */
export function keepRotated(path: string, log: Log): () => void {
  let isRotating = false
  const rotate = async () => {
    if (isRotating) return
    isRotating = true
    await rotateLog(path).catch((error) => log.warn({ err: error, path }, 'log not rotated'))
    isRotating = false
  }
  const rotation = setInterval(() => void rotate(), rotateEveryMs).unref()
  return () => clearInterval(rotation)
}

/** Whatever a program writes: a status holds no NUL, and a terminal should get nothing to obey. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced.
  return text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, '\ufffd')
}

/** The end of a log, in whole lines where it has any: what a person wants to see of a crash. */
export async function lastWords(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined)
  if (!file) return ''
  try {
    const { size } = await file.stat()
    const from = Math.max(0, size - lastWordsBytes)
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(lastWordsBytes),
      0,
      lastWordsBytes,
      from,
    )
    const text = buffer.subarray(0, bytesRead).toString()
    const firstBreak = text.indexOf('\n')
    const whole =
      from > 0 && firstBreak !== -1 && firstBreak < text.length - 1
        ? text.slice(firstBreak + 1)
        : text
    return printable(whole).trimEnd()
  } finally {
    await file.close()
  }
}
