import type { Log } from '@pulse/api'
import type { ChangeFeed, ChangeListener } from '../backend.ts'
import { expired } from '../refusals.ts'
import type { Connection, ConnectionOptions } from './connection.ts'
import { createListening } from './listening.ts'
import { changeColumns, numberFrom, type Rows } from './rows.ts'

export interface PostgresFeed extends ChangeFeed {
  start(): Promise<void>
  close(): Promise<void>
}

export interface FeedOptions {
  readonly connection: ConnectionOptions
  readonly log: Log
  readonly rows: Rows
}

/** How many changes are in memory at once while the feed or a watcher catches up. */
const batchSize = 200

/**
 * One LISTEN per process: a notification says only that there is something, the log says what. So nothing is lost when
 * the session breaks: the next one reads on from where the last one was, or ends all watches with 410 when the log no
 * longer reaches back.
 */
export function createChangeFeed(
  pool: Connection,
  { connection, log, rows: rowReader }: FeedOptions,
): PostgresFeed {
  const listeners = new Set<ChangeListener>()
  let position = 0
  let draining: Promise<void> | undefined
  let isDirty = false

  const newest = async () => {
    const { rows } = await pool.query('SELECT value FROM clock')
    const [clock] = rows
    if (clock === undefined) {
      throw new Error('the store has lost its clock: see docs/runbooks/damaged-rows.md')
    }
    return numberFrom(clock.value)
  }

  async function drainBatch(): Promise<boolean> {
    const { rows } = await pool.query({
      name: 'pulse-drain',
      text: `SELECT clock.value, clock.forgotten, change.*
               FROM clock LEFT JOIN LATERAL (
                 SELECT ${changeColumns} FROM change WHERE change.version > $1
                  ORDER BY change.version LIMIT ${batchSize}
               ) AS change ON true
              ORDER BY change.version`,
      values: [position],
    })
    const { forgotten, value, version } = rows[0] ?? {}
    if (numberFrom(forgotten) > position || numberFrom(value) < position) {
      log.warn({ position }, 'the change log no longer reaches back: all watches begin anew')
      position = numberFrom(value)
      for (const listener of listeners) listener.expired()
      return false
    }
    if (version === null || version === undefined) return false
    for (const row of rows) {
      const change = rowReader.change(row)
      position = numberFrom(row.version)
      for (const listener of listeners) {
        if (change === undefined) listener.expired()
        else listener.change(change)
      }
    }
    return rows.length === batchSize
  }

  async function drainAll(): Promise<void> {
    do {
      isDirty = false
      while (await drainBatch());
    } while (isDirty)
  }

  /** Single flight: a notification that comes meanwhile makes it look once more. */
  function drain(): Promise<void> {
    isDirty = true
    draining ??= drainAll().finally(() => {
      draining = undefined
    })
    return draining
  }

  const listening = createListening(connection, { log, onNotification: drain })

  return {
    async start() {
      position = await newest()
      await listening.start()
    },
    position: () => position,
    newest,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async read({ kind, apiVersion, after, until }) {
      const { rows } = await pool.query({
        name: 'pulse-backlog',
        text: `SELECT clock.forgotten, change.*
                 FROM clock LEFT JOIN LATERAL (
                   SELECT ${changeColumns} FROM change
                    WHERE change.kind = $1 AND change.api_version = $2
                      AND change.version > $3 AND change.version <= $4
                    ORDER BY change.version LIMIT ${batchSize}
                 ) AS change ON true
                ORDER BY change.version`,
        values: [kind, apiVersion, after, until],
      })
      if (numberFrom(rows[0]?.forgotten) > after) throw expired()
      return rows
        .filter(({ version }) => version !== null)
        .map((row) => {
          const change = rowReader.change(row)
          if (change === undefined) throw expired()
          return change
        })
    },
    async close() {
      await listening.close()
      for (const listener of listeners) listener.expired()
      listeners.clear()
      await draining?.catch(() => undefined)
    },
  }
}
