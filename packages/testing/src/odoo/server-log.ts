import { appendFileSync } from 'node:fs'
import { formatWithOptions } from 'node:util'

/** Odoo's log on standard error: `2026-01-31 10:00:00,123 4711 INFO acme.localhost odoo.http: …`. */
export interface ServerLog {
  debug(logger: string, message: string, ...values: unknown[]): void
  info(logger: string, message: string, ...values: unknown[]): void
  warning(logger: string, message: string, ...values: unknown[]): void
  error(logger: string, message: string, ...values: unknown[]): void
  critical(logger: string, message: string, ...values: unknown[]): void
  /** The same log for lines that concern one database. */
  of(database: string): ServerLog
}

const levels = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const
type Level = (typeof levels)[number]

/** Odoo's names of `--log-level` onto ours; what it knows beyond them (debug_sql, …) counts as debug. */
const thresholds: Readonly<Record<string, Level>> = {
  info: 'INFO',
  test: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
  critical: 'CRITICAL',
  notset: 'DEBUG',
}

export function createServerLog(level: string, file = ''): ServerLog {
  const write = (line: string) =>
    file ? appendFileSync(file, line) : void process.stderr.write(line)
  const threshold = levels.indexOf(thresholds[level] ?? 'DEBUG')

  const forDatabase = (database: string): ServerLog => {
    const at =
      (name: Level) =>
      (logger: string, message: string, ...values: unknown[]) => {
        if (levels.indexOf(name) < threshold) return
        const text = formatWithOptions({ depth: 2, colors: false }, message, ...values)
        write(`${timestamp(new Date())} ${process.pid} ${name} ${database} ${logger}: ${text}\n`)
      }
    return {
      debug: at('DEBUG'),
      info: at('INFO'),
      warning: at('WARNING'),
      error: at('ERROR'),
      critical: at('CRITICAL'),
      of: forDatabase,
    }
  }
  return forDatabase('?')
}

function timestamp(now: Date): string {
  return now.toISOString().slice(0, 23).replace('T', ' ').replace('.', ',')
}
