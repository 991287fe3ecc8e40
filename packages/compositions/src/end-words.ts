import { plainLine } from '@pulse/api'

type Fields = Readonly<Record<string, unknown>>

/**
 * How a container ended, and the error that its log ends with, if it does: what it has served last is no reason. A
 * tenant's code has written the log, and it is shown to operators and visitors.
 */
export function endWords(ended: Fields): string {
  const log = String(ended.message ?? '')
  const lines = log.split(/\r?\n/).map(plainLine)
  const said = lines.filter((line) => line.trim() !== '').slice(-lastLines)
  const signal = signalOf(ended)
  const error = errorIn(said) ?? (signal === undefined ? ownWords(said) : undefined)
  const end = `the worker ${endOf(ended, signal)}`
  return error === undefined ? end : `${end}: ${error.replace(odooLogPrefix, '')}`
}

/** What stands before these belongs to requests that were served long ago. */
const lastLines = 10

function endOf({ exitCode, reason }: Fields, signal: number | undefined): string {
  if (reason === 'ContainerStatusUnknown') return 'ended while nobody saw how'
  const how =
    signal === undefined ? `ended with exit code ${exitCode}` : `ended by signal ${signal}`
  return reason === 'OOMKilled' ? `${how} (OOMKilled)` : how
}

/** As shells and container runtimes tell of signals: 128 and its number. */
function signalOf({ exitCode }: Fields): number | undefined {
  const signal = Number(exitCode) - 128
  return signal > 0 && signal <= 64 ? signal : undefined
}

/** Time and process id differ from crash to crash, and a condition must not. */
const odooLogPrefix = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ ([A-Z]+) \S+ /
const errorLevels = ['ERROR', 'CRITICAL']
const errorLine =
  /^(?:[\w.]+(?:Error|Exception|Exit|Interrupt)\b|Fatal|Segmentation fault|[^:]*\berror: )/i

function errorIn(lines: readonly string[]): string | undefined {
  const trace = lines.findLastIndex((line) => line.startsWith('Traceback (most recent call last)'))
  const raised = trace === -1 ? undefined : lines.slice(trace + 1).find((line) => /^\S/.test(line))
  return raised ?? lines.findLast(isError)
}

function isError(line: string): boolean {
  const [, level] = odooLogPrefix.exec(line) ?? []
  return level === undefined ? errorLine.test(line) : errorLevels.includes(level)
}

/** The last words of a program that has ended by itself: no line of its log, so it is no record of a request. */
function ownWords(lines: readonly string[]): string | undefined {
  const last = lines.at(-1)
  return last === undefined || odooLogPrefix.test(last) ? undefined : last
}
