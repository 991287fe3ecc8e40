import { isOver, type LeaseRecord, type SeenLease } from './lease.ts'

export interface Candidate {
  /** Unlike that of any other candidate. */
  readonly name: string
  /** How long others wait for a holder that is silent. */
  readonly durationMs: number
}

/** What a candidate does about a Lease as it has seen it; undefined: another holds it, and it waits. */
export function bidFor(
  seen: SeenLease | undefined,
  { name, durationMs }: Candidate,
  { now, time }: { readonly now: number; readonly time: string },
): LeaseRecord | undefined {
  const isForeign = seen?.holder !== undefined && seen.holder !== name
  if (isForeign && !isOver(seen, now)) return undefined
  const isOurs = seen?.holder === name
  return {
    holder: name,
    durationMs,
    acquireTime: isOurs ? seen.acquireTime : time,
    renewTime: time,
    transitions: (seen?.transitions ?? 0) + (seen === undefined || isOurs ? 0 : 1),
  }
}

/** What the holder leaves behind: whoever looks next may take it. */
export function releaseOf(seen: SeenLease, time: string): LeaseRecord {
  return { ...seen, holder: undefined, durationMs: 1000, renewTime: time }
}
