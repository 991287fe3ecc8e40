import type { Static } from 'typebox'
import Type from 'typebox'
import { askServer } from './ask-server.ts'

const wakeTimes = Type.Object({ count: Type.Number(), p50Ms: Type.Number(), p99Ms: Type.Number() })

/** What the gateway answers of one environment. */
const figures = Type.Object({
  state: Type.String(),
  since: Type.Number(),
  wakesToday: Type.Number(),
  awakeMsToday: Type.Number(),
  wakeTimes: Type.Optional(wakeTimes),
  wakeTimesFrom: Type.Optional(Type.Record(Type.String(), wakeTimes)),
})

export type ShownFigures = Static<typeof figures>

/** A description is worth having without them. */
const patienceMs = 2_000

/** How an environment slept and woke, as the running gateway has seen it; undefined when it does not tell. */
export async function readFigures(
  stateDir: string,
  environment: string,
  signal: AbortSignal,
): Promise<ShownFigures | undefined> {
  return await askServer(stateDir, {
    path: `/figures/${environment}`,
    ...{ schema: figures, patienceMs, signal },
  })
}
