/** Lets a search engine wake an environment now and then, so that its public site stays in the index. */
export interface SearchEngineVisits {
  /** `robots`: the rules that Odoo gave last; without them nobody knows whether the site is for search engines. */
  isDue(environment: string, robots: string | undefined): boolean
  /** One has had its answer from Odoo. */
  countVisit(environment: string): void
  forget(environment: string): void
}

const day = 86_400_000
const rememberedMax = 20_000

/** `now`: monotonic milliseconds. */
export function createSearchEngineVisits(now: () => number, everyMs = day): SearchEngineVisits {
  const visitedAt = new Map<string, number>()
  return {
    isDue(environment, robots) {
      if (robots === undefined || forbidsAll(robots)) return false
      const at = visitedAt.get(environment)
      return at === undefined || now() - at >= everyMs
    },
    countVisit(environment) {
      visitedAt.delete(environment)
      visitedAt.set(environment, now())
      if (visitedAt.size <= rememberedMax) return
      for (const oldest of visitedAt.keys()) {
        visitedAt.delete(oldest)
        break
      }
    },
    forget: (environment) => void visitedAt.delete(environment),
  }
}

/** As Odoo says without its website module. Rules for single crawlers by name do not count (RFC 9309 2.2). */
function forbidsAll(robots: string): boolean {
  let agents: readonly string[] = []
  let inRules = true
  for (const line of robots.split(/\r\n|\r|\n/)) {
    const [, name, value = ''] = /^\s*([\w-]+)\s*:\s*([^#]*)/.exec(line.toLowerCase()) ?? []
    if (name === 'user-agent') {
      agents = inRules ? [value.trim()] : [...agents, value.trim()]
      inRules = false
    } else if (name === 'allow' || name === 'disallow') {
      inRules = true
      if (name === 'disallow' && value.trim() === '/' && agents.includes('*')) return true
    }
  }
  return false
}
