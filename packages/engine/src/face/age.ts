const second = 1
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const year = 365 * day

/** Two units while the smaller one still says something: below each bound, the unit and the part shown after it. */
const steps: readonly (readonly [below: number, unit: number, name: string, part?: number])[] = [
  [2 * minute, second, 's'],
  [10 * minute, minute, 'm', second],
  [3 * hour, minute, 'm'],
  [8 * hour, hour, 'h', minute],
  [2 * day, hour, 'h'],
  [8 * day, day, 'd', hour],
  [2 * year, day, 'd'],
  [8 * year, year, 'y', day],
]
const partNames = new Map([
  [second, 's'],
  [minute, 'm'],
  [hour, 'h'],
  [day, 'd'],
])

/** How long ago, as kubectl's columns say it: `45s`, `3m12s`, `5h`, `12d`. */
export function ageOf(time: string, now: Date): string {
  const seconds = Math.floor((now.getTime() - Date.parse(time)) / 1000)
  if (Number.isNaN(seconds)) return '<unknown>'
  // A clock that differs by a moment is no reason to show nonsense.
  if (seconds < -1) return '<invalid>'
  const age = Math.max(0, seconds)
  const [, unit, name, part] = steps.find(([below]) => age < below) ?? [0, year, 'y']
  const whole = `${Math.floor(age / unit)}${name}`
  if (part === undefined) return whole
  const rest = Math.floor((age % unit) / part)
  return rest === 0 ? whole : `${whole}${rest}${partNames.get(part) ?? ''}`
}
