import { randomUUID } from 'node:crypto'
import type { Log, OdooMajor } from '@pulse/api'
import { type Administration, withConnection } from './database/administration.ts'
import type { Hosting } from './database/standbys.ts'
import { reasonNotToFill, standbyTarget } from './standby-target.ts'
import { templateKey } from './tasks/fill.ts'

/** What is kept ready: standbys of one template for one hosting. */
export interface StandbyLine {
  readonly edition: 'basic' | 'pro'
  readonly major: OdooMajor
  readonly hosting: Hosting
}

/** What the fill loop is given; it starts no task itself. */
export interface StandbyDeps {
  readonly administration: Administration
  /** Lines that are wanted now. */
  lines(): Promise<readonly StandbyLine[]>
  /** Runs task `fill` to its end, wherever tasks run. */
  fill(argv: readonly string[]): Promise<void>
  /** Whether any claim is under way or queued. */
  claimWaits(): boolean
  /** Free share of the disk that holds the databases, 0 to 1; undefined where it cannot be known. */
  freeDisk(): Promise<number | undefined>
  readonly log: Log
}

/** How one line stands, for status and metrics. */
export interface LineState {
  readonly line: StandbyLine
  readonly ready: number
  readonly target: number
  readonly reason: 'Filled' | 'Enough' | 'ClaimWaits' | 'DiskNearlyFull' | 'FillFailed'
}

/** Until a filling was measured; a little more than a clone of 50 MB takes. */
const guessedFillSeconds = 5

/**
 * One round: counts each line and fills at most one standby of it, one after the other, since fillings compete for the
 * same disk. Called whenever a claim has ended and from time to time; safe to call at any moment.
 */
export async function keepStandbys(
  deps: StandbyDeps,
  signal: AbortSignal,
): Promise<readonly LineState[]> {
  const states: LineState[] = []
  for (const line of await deps.lines()) {
    signal.throwIfAborted()
    states.push(await keepLine(deps, line, signal))
  }
  return states
}

async function keepLine(
  deps: StandbyDeps,
  line: StandbyLine,
  signal: AbortSignal,
): Promise<LineState> {
  const { ready, recentClaims, fillSeconds } = await measure(deps.administration, line, signal)
  const target = standbyTarget({ recentClaims, fillSeconds })
  const freeDisk = await deps.freeDisk()
  const reason = reasonNotToFill({ ready, target, claimWaits: deps.claimWaits(), freeDisk })
  if (reason !== undefined) return { line, ready, target, reason }
  try {
    await deps.fill(fillCommand(line, randomUUID()))
    return { line, ready: ready + 1, target, reason: 'Filled' }
  } catch (error) {
    deps.log.warn({ err: error, ...line }, 'standby not filled')
    return { line, ready, target, reason: 'FillFailed' }
  }
}

/** Arguments of task `fill`. */
function fillCommand(line: StandbyLine, id: string): readonly string[] {
  return [
    `--id=${id}`,
    `--edition=${line.edition}`,
    `--major=${line.major}`,
    `--hosting=${line.hosting}`,
  ]
}

async function measure(administration: Administration, line: StandbyLine, signal: AbortSignal) {
  const database = administration.registerDatabase
  const [row] = await withConnection(administration, { database, signal }, (connection) =>
    connection.query(
      `SELECT
           (SELECT count(*) FROM odoo.standby WHERE template = $1 AND hosting = $2)::int AS ready,
           (SELECT count(*) FROM odoo.claim WHERE template = $1 AND hosting = $2
              AND claimed_at > now() - interval '10 minutes')::int AS claims,
           (SELECT avg(fill_ms) FROM (
              SELECT fill_ms, claimed_at AS at FROM odoo.claim WHERE template = $1 AND hosting = $2
              UNION ALL SELECT fill_ms, filled_at FROM odoo.standby WHERE template = $1 AND hosting = $2
              ORDER BY at DESC LIMIT 10) AS latest)::float8 AS fill_ms`,
      [templateKey(line), line.hosting],
    ),
  )
  return {
    ready: Number(row?.ready ?? 0),
    recentClaims: Number(row?.claims ?? 0),
    fillSeconds: row?.fill_ms === null ? guessedFillSeconds : Number(row?.fill_ms) / 1000,
  }
}
