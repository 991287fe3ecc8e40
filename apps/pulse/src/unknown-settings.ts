import { nearest } from '@pulse/api'
import type { Settings } from '@pulse/service'

/** Of tests and benchmarks, whose environment a Pulse may inherit. */
const ofTests = /^PLANA_(TEST_|BENCH_|FIXTURES$)/

/** A line for each variable that looks like a setting and is none: its mistake would otherwise show much later. */
export function unknownSettings(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const known = new Set(
    Object.values(settings).flatMap(({ env, secret }) => (secret ? [env, `${env}_FILE`] : [env])),
  )
  return Object.keys(environment)
    .filter((name) => name.startsWith('PLANA_') && !known.has(name) && !ofTests.test(name))
    .toSorted()
    .map((name) => {
      const meant = nearest(name, known)
      const guess = meant === undefined ? '' : `; did you mean ${meant}?`
      return `${name} is no setting of Pulse and has no effect${guess}`
    })
}
