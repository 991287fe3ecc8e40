import type { Connection } from './database/administration.ts'
import type { Hosting } from './database/standbys.ts'
import { canOpen, type RuntimeLookup } from './runtime/runtime.ts'
import type { StandbyLine } from './standby.ts'
import { templateKey } from './tasks/fill.ts'
import { listTemplates, type Template } from './templates/register.ts'

/** A template and hosting that somebody has claimed lately. */
export interface ClaimedLine {
  /** As `templateKey` names it. */
  readonly template: string
  readonly hosting: Hosting
}

/** The hosting that tenants of an edition get unless they ask for another (design, section 3). */
const usualHosting = { basic: 'pool', pro: 'instance' } as const
const hostings = ['pool', 'instance'] as const

/** Each template in its usual hosting, and in the other as long as it is in use (decision 0006). */
export function chooseLines(
  templates: readonly Pick<Template, 'edition' | 'major'>[],
  claimed: readonly ClaimedLine[],
): readonly StandbyLine[] {
  return templates.flatMap(({ edition, major }) => {
    const template = templateKey({ edition, major })
    const inUse = (hosting: Hosting) =>
      claimed.some((line) => line.template === template && line.hosting === hosting)
    return hostings
      .filter((hosting) => hosting === usualHosting[edition] || inUse(hosting))
      .map((hosting) => ({ edition, major, hosting }))
  })
}

/** The lines that are wanted now: none of a template that has to be made anew for the runtime. */
export async function wantedLines(
  connection: Connection,
  runtimes: RuntimeLookup,
): Promise<readonly StandbyLine[]> {
  const rows = await connection.query(
    "SELECT DISTINCT template, hosting FROM odoo.claim WHERE claimed_at > now() - interval '1 hour'",
  )
  const claimed = rows.map(({ template, hosting }) => ({
    template: String(template),
    hosting: hosting === 'pool' ? ('pool' as const) : ('instance' as const),
  }))
  const templates = await listTemplates(connection)
  const usable = templates.filter(({ major, details }) => canOpen(runtimes, major, details.version))
  return chooseLines(usable, claimed)
}
