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
    destination ?? pino.destination({ fd: 2, sync: false }),
  )
}
