import type { ServerResponse } from 'node:http'

/** Answers that are still on their way, by environment. */
export interface UnderWay {
  add(environment: string, response: ServerResponse): void
  over(environment: string, response: ServerResponse): void
  /** Cuts all of one environment: their clients see a broken connection, and its backends clients that have left. */
  cut(environment: string): void
}

export function createUnderWay(): UnderWay {
  const all = new Map<string, Set<ServerResponse>>()
  return {
    add(environment, response) {
      const own = all.get(environment)
      if (own === undefined) all.set(environment, new Set([response]))
      else own.add(response)
    },
    over(environment, response) {
      const own = all.get(environment)
      own?.delete(response)
      if (own?.size === 0) all.delete(environment)
    },
    cut(environment) {
      for (const response of all.get(environment) ?? []) response.destroy()
    },
  }
}
