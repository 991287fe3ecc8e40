import { keyOf, type Log, refOf } from '@pulse/api'
import { type Clock, followKind, type Objects } from '@pulse/engine'
import type { Metrics } from '@pulse/service'
import { countsOf, leaksRef } from './report-leaks.ts'

export interface GaugeDeps {
  readonly objects: Objects
  readonly metrics: Pick<Metrics, 'record'>
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** Shows what the last check has found, whichever process ran it, until the signal. */
export function gaugeLeaks(deps: GaugeDeps): void {
  const { apiVersion, kind } = leaksRef
  followKind(
    { apiVersion, kind },
    {
      ...deps,
      random: Math.random,
      onGap: () => {},
      onChange(object, gone) {
        if (gone || keyOf(refOf(object)) !== keyOf(leaksRef)) return
        for (const [type, count] of countsOf(object)) {
          deps.metrics.record('pulse_leaks', count, { type })
        }
      },
    },
  )
}
