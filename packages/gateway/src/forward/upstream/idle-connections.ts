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

  function listOf(key: string): Connection[] {
    const known = idle.get(key)
    if (known) return known
    // Empty lists stay, since most are filled again at once; those of backends that are gone go here.
    if (idle.size >= listsMax) {
      for (const [one, list] of idle) if (list.length === 0) idle.delete(one)
    }
    const list: Connection[] = []
    idle.set(key, list)
    return list
  }

  return {
    take(key) {
      const list = idle.get(key)
      for (;;) {
        const connection = list?.pop()
        if (connection === undefined) return undefined
        count -= 1
        if (connection.socket.writable) return connection
        connection.socket.destroy()
      }
    },
    put(connection) {
      const list = listOf(connection.key)
      if (count >= idleMax || list.length >= idleMaxPerBackend || !connection.socket.writable) {
        connection.socket.destroy()
        return
      }
      list.push(connection)
      count += 1
      connection.limit(idleMs)
    },
    forget(connection) {
      const list = idle.get(connection.key)
      const at = list?.lastIndexOf(connection) ?? -1
      if (at < 0) return
      list?.splice(at, 1)
      count -= 1
    },
    close() {
      for (const list of idle.values()) for (const { socket } of [...list]) socket.destroy()
    },
  }
}

const listsMax = 1024
