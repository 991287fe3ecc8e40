/**
 * What all gateways agree on about one environment, in one place that is written by compare-and-set together with the
 * number of replicas: `down` is 0, everything else 1. Nobody else writes that number.
 */
export interface LifeRecord {
  /** Counts the lives of the environment's process. */
  readonly generation: number
  /** `draining`: it goes to sleep unless a gateway objects. */
  readonly state: 'up' | 'draining' | 'down'
  /** Gateways that gave their word to send nothing more to this generation. */
  readonly words: readonly string[]
  /** Epoch milliseconds of the last wake or objection: idleness counts from then on, for every gateway. */
  readonly since: number
  /**
   * Epoch milliseconds of the last wake by the machine's clock as it was set, as orders by hand have them: that of this
   * generation, also once it has ended. Absent where nobody knows.
   */
  readonly wokenAt?: number
  /** Of a sleep that is being prepared: it was ordered, and no user of late stands against it. */
  readonly isOrdered?: boolean
}

/** The order of the words says nothing. */
export function isSameRecord(a: LifeRecord, b: LifeRecord): boolean {
  return (
    a.generation === b.generation &&
    a.state === b.state &&
    a.since === b.since &&
    (a.isOrdered ?? false) === (b.isOrdered ?? false) &&
    a.words.length === b.words.length &&
    a.words.every((word) => b.words.includes(word))
  )
}
