import { readdirSync, readFileSync } from 'node:fs'

/** What Pulse itself needs: the store, logs, programs that it starts, what administrators ask. */
const kept = 384
/** A client's connection, and one to the worker that answers it. */
const perClient = 2
const fewestClients = 16
/** Of the API: administrators and what watches for them. */
const mostOfApi = 1_000
/** From here on it is told. */
const scarce = 0.9

/** The files and connections that this process may have open at a time (RLIMIT_NOFILE); Node.js has raised it as far as it may. */
export interface Descriptors {
  readonly most: number
  /** How many connections of clients leave the rest what it needs. */
  readonly clients: number
  readonly apiClients: number
  readonly open: () => number
  /** In words, when few are left. */
  readonly problems: () => readonly string[]
}

export function readDescriptors(): Descriptors {
  return describeDescriptors(mostIn(readFileSync('/proc/self/limits', 'utf8')), countOpen)
}

export function describeDescriptors(most: number, open: () => number): Descriptors {
  return {
    most,
    clients: Math.max(fewestClients, Math.floor((most - kept) / perClient)),
    apiClients: Math.min(mostOfApi, Math.max(fewestClients, Math.floor(most / 16))),
    open,
    problems: () =>
      open() < most * scarce
        ? []
        : [
            `Pulse has nearly as many files and connections open as it may (${most}): see ulimit -n`,
          ],
  }
}

/** The soft limit, of the text of proc_pid_limits(5). */
export function mostIn(limits: string): number {
  const most = /^Max open files +(\d+|unlimited) /m.exec(limits)?.[1]
  return most === undefined || most === 'unlimited' ? Number.POSITIVE_INFINITY : Number(most)
}

/** When not even the folder can be opened, there are none left. */
function countOpen(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
