import type { Clock } from '../clock.ts'
import type { Plan } from './cron-calendar.ts'

/** A scheduled action as PostgreSQL shows it, with what only the simulation knows: whether there is work. */
export interface SimulatedAction {
  readonly name: string
  readonly intervalMs: number
  nextcall: number
  /** The pre-check can see whether there is work; undefined: it must run whenever it is due. */
  work: { since: number | undefined } | undefined
}

/** How long a due action with work waited for its run, counted from when it had to run. */
export interface SimulatedRun {
  readonly tenant: string
  readonly action: string
  readonly at: number
  readonly owedAt: number
}

export interface SimulatedTenant {
  readonly name: string
  readonly minimumIntervalMs: number
  readonly actions: readonly SimulatedAction[]
  isAwake: boolean
  lastUse: number
  keepUntil: number
  /** Runs of its actions that are under way. */
  inFlight: number
  /** The truth: when it was awake, and when schedules began to wake it. */
  readonly stays: Stay[]
  readonly scheduleWakes: number[]
}

export interface Stay {
  readonly from: number
  until: number
}

/** When it had to run at the earliest: the plan's interval counts from the wake before, and only for one that sleeps. */
export function allowedFrom(
  { minimumIntervalMs, stays, scheduleWakes }: SimulatedTenant,
  owed: number,
  awakeMs: number,
): number {
  if (stays.some(({ from, until }) => from <= owed && until > owed + awakeMs)) return owed
  const before = scheduleWakes.findLast((at) => at <= owed) ?? Number.NEGATIVE_INFINITY
  return Math.max(owed, before + minimumIntervalMs)
}

/** When the action had to run: the first of its moments at which there was work. */
export function owedAt({ nextcall, intervalMs, work }: SimulatedAction): number {
  if (work === undefined) return nextcall
  if (work.since === undefined) return Number.POSITIVE_INFINITY
  const missed = Math.max(0, Math.ceil((work.since - nextcall) / intervalMs))
  return nextcall + missed * intervalMs
}

/** As the calendar reads it: an empty action is looked at again when it would next have run, neighbours together. */
export function planOf({ actions }: SimulatedTenant, now: number): Plan {
  const owed = actions.map(owedAt).filter((at) => at <= now)
  const next = actions.map(({ nextcall, intervalMs }) => {
    const passed = Math.max(0, Math.floor((now - nextcall) / intervalMs) + 1)
    return nextcall + passed * intervalMs
  })
  const first = Math.min(...next)
  return {
    dueSince: owed.length === 0 ? undefined : Math.min(...owed),
    nextAt: Math.max(...next.filter((at) => at <= first + 15_000)),
  }
}

/** Odoo runs all that is due, work or not, and counts on from the planned time. */
export function runDue(tenant: SimulatedTenant, now: number): readonly SimulatedRun[] {
  const runs: SimulatedRun[] = []
  for (const action of tenant.actions) {
    if (action.nextcall > now) continue
    const owed = owedAt(action)
    const { name } = action
    if (owed <= now) runs.push({ tenant: tenant.name, action: name, at: now, owedAt: owed })
    while (action.nextcall <= now) action.nextcall += action.intervalMs
    if (action.work?.since !== undefined && action.work.since <= now) action.work.since = undefined
  }
  return runs
}

/** Resolves after so much simulated time. */
export function wait(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(milliseconds, resolve)
  })
}

/** Mulberry32: the same numbers for the same seed. */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
}
