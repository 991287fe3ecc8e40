import Type from 'typebox'

/** What is known of one environment; written often for all of them, so the keys are short. */
const savedEnvironment = Type.Object({
  /** What it does. */
  state: Type.String(),
  /** Epoch milliseconds. */
  since: Type.Number(),
  /** The day of the counts below, in days since the epoch. */
  day: Type.Integer(),
  wakes: Type.Integer(),
  awakeMs: Type.Number(),
  /** Durations of the last wakes in milliseconds. */
  last: Type.Array(Type.Number(), { maxItems: 32 }),
  /** From which temperature each of them was. */
  from: Type.Optional(Type.Array(Type.String(), { maxItems: 32 })),
})

/** The figures of all environments as a file. */
export const savedFigures = Type.Object({
  version: Type.Literal(1),
  environments: Type.Record(Type.String(), savedEnvironment),
})

export type SavedFigures = Type.Static<typeof savedFigures>
export type SavedEnvironment = Type.Static<typeof savedEnvironment>

export const durationsMax = 32
