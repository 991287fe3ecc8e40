import type { Connection } from './connection.ts'

/** Connections that wait for their next request. */
export interface IdleConnections {
  take(key: string): Connection | undefined
  /** Keeps it, or closes it where enough are kept. */
  put(connection: Connection): void
  /** It has closed by itself. */
  forget(connection: Connection): void
  close(): void
}

export interface IdleLimits {
  readonly idleMaxPerBackend: number
  readonly idleMax: number
  /** Less than servers usually give an idle connection, so that it is us who close it. */
  readonly idleMs: number
}

/** The one used last is taken first: the others grow old and go. */
export function createIdleConnections({
  idleMaxPerBackend,
  idleMax,
  idleMs,
}: IdleLimits): IdleConnections {
  const idle = new Map<string, Connection[]>()
  let count = 0

  function forget(connection: Connection) {
    const list = idle.get(connection.key)
    const at = list?.lastIndexOf(connection) ?? -1
    if (list === undefined || at < 0) return
    list.splice(at, 1)
    count -= 1
    if (list.length === 0) idle.delete(connection.key)
  }

  return {
    take(key) {
      const list = idle.get(key)
      for (;;) {
        const connection = list?.at(-1)
        if (connection === undefined) return undefined
        forget(connection)
        if (connection.socket.writable) return connection
        connection.socket.destroy()
      }
    },
    put(connection) {
      const list = idle.get(connection.key) ?? []
      if (count >= idleMax || list.length >= idleMaxPerBackend || !connection.socket.writable) {
        connection.socket.destroy()
        return
      }
      list.push(connection)
      count += 1
      idle.set(connection.key, list)
      connection.limit(idleMs)
    },
    forget,
    close() {
      for (const list of [...idle.values()]) for (const { socket } of list) socket.destroy()
    },
  }
}
