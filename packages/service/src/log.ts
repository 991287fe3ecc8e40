import type { Log } from '@pulse/api'
import pino, { type DestinationStream } from 'pino'

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** Field names whose values never reach a log, at any of the first three depths. */
const secretFields = ['password', 'secret', 'token', 'authorization', 'cookie', 'PGPASSWORD']

/** JSON lines, one fact each; `destination` is standard error unless a file or a test takes it. */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
        censor: '[redacted]',
      },
    },
    destination ?? standardError(),
  )
}

/** Kept of lines that cannot be written just now. */
const unwrittenBytes = 2 ** 20

/**
 * What a full disk does not take is lost: whoever speaks goes on, and its memory does not grow. At the end of the process
 * the library would try to write the rest until it succeeds, and so for ever.
 */
function standardError(): DestinationStream {
  const destination = pino.destination({ fd: 2, sync: false, maxLength: unwrittenBytes })
  const flush = destination.flush.bind(destination)
  const flushSync = destination.flushSync.bind(destination)
  let isRefused = false
  destination.on('error', () => {
    isRefused = true
  })
  destination.on('write', () => {
    isRefused = false
  })
  destination.flush = (done) => {
    if (isRefused) done?.()
    else flush(done)
  }
  destination.flushSync = () => {
    if (!isRefused) flushSync()
  }
  return destination
}
