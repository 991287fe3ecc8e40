import type { Backend, Route } from './route-source.ts'

/** Far more than one machine serves from several backends; beyond it an environment may start anew at its first. */
const environmentsMax = 10_000

/**
 * Takes the ready backends of each environment in turn. A turn of its own for each: with one for all, two tenants who
 * alternate would each stay on one backend. Those that asked longest ago are forgotten first.
 */
export function createRoundRobin(max = environmentsMax): (route: Route) => Backend | undefined {
  const turns = new Map<string, number>()
  return ({ environment, backends }) => {
    if (backends.length < 2) return backends[0]
    const turn = turns.get(environment) ?? 0
    turns.delete(environment)
    turns.set(environment, (turn + 1) % Number.MAX_SAFE_INTEGER)
    const [oldest] = turns.keys()
    if (turns.size > max && oldest !== undefined) turns.delete(oldest)
    return backends[turn % backends.length]
  }
}
