/** Lets a search engine wake an environment now and then, so that its public site stays in the index. */
export interface SearchEngineVisits {
  /** `robots`: the rules that Odoo gave last; without them nobody knows whether the site is for search engines. */
  isDue(environment: string, robots: Buffer | undefined): boolean
  /** One has had its answer from Odoo. */
  countVisit(environment: string): void
  forget(environment: string): void
}

const day = 86_400_000
const rememberedMax = 20_000

/** As much of the rules as a crawler has to read (RFC 9309 2.5). */
const robotsBytesMax = 500 * 1024

/** `now`: monotonic milliseconds. */
export function createSearchEngineVisits(now: () => number, everyMs = day): SearchEngineVisits {
  const visitedAt = new Map<string, number>()
  /** Of each copy once: how long it takes to read is up to its tenant, and how often it is asked for to anybody. */
  const judged = new WeakMap<Buffer, boolean>()

  function isForbidden(robots: Buffer): boolean {
    const known = judged.get(robots)
    if (known !== undefined) return known
    const isForbidden = forbidsAll(robots.toString('utf8', 0, robotsBytesMax))
    judged.set(robots, isForbidden)
    return isForbidden
  }

  return {
    isDue(environment, robots) {
      if (robots === undefined || isForbidden(robots)) return false
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
  let isForAll = false
  let inRules = true
  for (const line of robots.split(/\r\n|\r|\n/)) {
    const [, name, value = ''] = /^\s*([\w-]+)\s*:\s*([^#]*)/.exec(line.toLowerCase()) ?? []
    if (name === 'user-agent') {
      isForAll = value.trim() === '*' || (isForAll && !inRules)
      inRules = false
    } else if (name === 'allow' || name === 'disallow') {
      inRules = true
      if (name === 'disallow' && value.trim() === '/' && isForAll) return true
    }
  }
  return false
}
