import { type CheckedAction, checkedActions } from './checked-actions.ts'
import type { PlannedAction } from './planned-action.ts'

/** What the schedules of one database ask for; all times are epoch milliseconds. */
export interface Plan {
  /** Since when an action has been due that has work, or may have. */
  readonly dueSince: number | undefined
  /** When it is worth reading again. */
  readonly nextAt: number | undefined
}

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
/** What no condition sees is done at least this often. */
const runAtLeastEveryMs = 7 * dayMs
/** Actions that follow each other so closely are read, and woken for, together: a part of the minute that is promised. */
const neighbourMs = 15_000

/** The condition that tells whether a due action has work; undefined: it has to run. */
export function checkOf(action: PlannedAction, now: number): CheckedAction | undefined {
  const isTriggered = action.trigger !== null && action.trigger * 1_000 <= now
  const lastRun = (action.lastcall ?? action.nextcall) * 1_000
  const isPlain = action.state === 'code' && !action.is_extended
  if (isTriggered || !isPlain || now - lastRun >= runAtLeastEveryMs) return undefined
  const major = action.version?.split('.')[0]
  return checkedActions.find(
    (checked) =>
      checked.action === action.action &&
      checked.model === action.model &&
      checked.codes.includes(action.code ?? '') &&
      checked.majors.some((one) => one === major),
  )
}

export function isDue(action: PlannedAction, now: number): boolean {
  return firstMoment(action) <= now
}

/**
 * An action that was due and empty stays due in its database, since nobody ran it. It is looked at again when it would
 * have run next: by then its own next moment has come, which is all that its schedule promises; nobody can write a row
 * while nothing runs but by hand. So a sleeping database is read as often as its most frequent action is planned, at
 * most once a minute and at least daily: with Odoo's own actions about once an hour, for some 5 ms of our processor each time,
 * so that a thousand sleeping tenants cost a thousandth of it.
 */
export function planOf(
  actions: readonly PlannedAction[],
  empty: ReadonlySet<number>,
  now: number,
): Plan {
  const due = actions.filter((action) => isDue(action, now) && !empty.has(action.id))
  const since = due.map((action) =>
    checkOf(action, now) === undefined ? firstMoment(action) : lastMoment(action, now),
  )
  const next = actions
    .filter((action) => empty.has(action.id) || !isDue(action, now))
    .map((action) => nextMoment(action, now))
  const first = earliest(next)
  const nextAt = first && Math.max(...next.filter((moment) => moment <= first + neighbourMs))
  return { dueSince: earliest(since), nextAt }
}

function firstMoment({ nextcall, trigger }: PlannedAction): number {
  return Math.min(nextcall, trigger ?? nextcall) * 1_000
}

/** The last time at which it would have run had it always been run. */
function lastMoment(action: PlannedAction, now: number): number {
  const begin = action.nextcall * 1_000
  const interval = intervalOf(action)
  return now < begin ? firstMoment(action) : begin + Math.floor((now - begin) / interval) * interval
}

function nextMoment(action: PlannedAction, now: number): number {
  const nextcall = action.nextcall * 1_000
  const byInterval = nextcall > now ? nextcall : lastMoment(action, now) + intervalOf(action)
  return action.trigger === null ? byInterval : Math.min(byInterval, action.trigger * 1_000)
}

const units: Readonly<Record<string, number>> = {
  minutes: minuteMs,
  hours: 60 * minuteMs,
  days: dayMs,
}

/** Between a minute and a day: longer units are looked at daily, and so is what has none and stays due for ever. */
function intervalOf({ interval_number, interval_type }: PlannedAction): number {
  const interval = (interval_number ?? 1) * (units[interval_type ?? ''] ?? dayMs)
  return Math.min(Math.max(interval, minuteMs), dayMs)
}

function earliest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : Math.min(...times)
}
