import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { otherCore } from './pinned-process.ts'

export interface WrkOptions {
  readonly url: string
  readonly host: string
  readonly connections: number
  readonly seconds: number
}

export interface WrkResult {
  readonly requests: number
  readonly requestsPerSecond: number
  readonly errors: number
}

/** Closed-loop load from Debian's wrk, one thread, keep-alive. */
export async function runWrk(options: WrkOptions): Promise<WrkResult> {
  const { url, host, connections, seconds } = options
  const { stdout } = await promisify(execFile)('taskset', [
    ...['-c', String(otherCore), 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`],
    ...['--timeout', '5s', '-H', `Host: ${host}`, url],
  ])
  return parseWrk(stdout)
}

export function parseWrk(text: string): WrkResult {
  const numberOf = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0)
  const broken = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)
  return {
    requests: numberOf(/(\d+) requests in/),
    requestsPerSecond: numberOf(/Requests\/sec:\s+([\d.]+)/),
    errors:
      numberOf(/Non-2xx or 3xx responses: (\d+)/) +
      (broken ?? []).slice(1).reduce((sum, count) => sum + Number(count), 0),
  }
}
