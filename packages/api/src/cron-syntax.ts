import { parseDurationSeconds } from './durations.ts'

/** What the schedule of a CronJob says, in a form that leaves nothing to interpret. */
export type CronTimes =
  /** Five fields of `*` or plain numbers with commas: minute, hour, day of month, month, day of week. */
  | { readonly type: 'pattern'; readonly pattern: string }
  /** Counted from the last run, or from the creation of the CronJob. */
  | { readonly type: 'every'; readonly seconds: number }
  | { readonly type: 'broken'; readonly rule: string }

const macros: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

interface Field {
  readonly name: string
  readonly min: number
  readonly max: number
  /** What stands for a number, from `min` on. */
  readonly words?: readonly string[]
}

const fields: readonly Field[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  {
    name: 'month',
    min: 1,
    max: 12,
    words: 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' '),
  },
  { name: 'day of week', min: 0, max: 6, words: 'sun mon tue wed thu fri sat'.split(' ') },
]

/** By the rules of the parser in Kubernetes' controller: what it takes is taken, what it refuses is refused. */
export function parseCronTimes(schedule: string): CronTimes {
  const text = schedule.trim()
  if (text.startsWith('@every ')) return parseEvery(text.slice('@every '.length).trim())
  if (text.startsWith('@')) {
    const pattern = Object.hasOwn(macros, text) ? macros[text] : undefined
    if (pattern !== undefined) return { type: 'pattern', pattern }
    return broken(`must be one of ${Object.keys(macros).join(', ')}, @every {duration}`)
  }
  const parts = text.split(/\s+/)
  if (parts.length !== fields.length) {
    return broken('must have five fields: minute, hour, day of month, month, day of week')
  }
  const plain: string[] = []
  for (const [index, field] of fields.entries()) {
    const values = parseField(parts[index] ?? '', field)
    if (typeof values === 'string') return broken(values)
    plain.push(values === undefined ? '*' : values.join(','))
  }
  return { type: 'pattern', pattern: plain.join(' ') }
}

function broken(rule: string): CronTimes {
  return { type: 'broken', rule }
}

function parseEvery(duration: string): CronTimes {
  const seconds = parseDurationSeconds(duration)
  if (seconds === undefined) return broken('@every must be followed by a duration such as 90m')
  return { type: 'every', seconds: Math.max(1, Math.floor(seconds)) }
}

/** Undefined for all values (`*`); a text says which rule is broken. */
function parseField(text: string, field: Field): readonly number[] | string | undefined {
  const values = new Set<number>()
  let isAll = false
  for (const part of text.split(',')) {
    const range = parseRange(part, field)
    if (typeof range === 'string') return range
    if (range.isAll) isAll = true
    for (let value = range.from; value <= range.to; value += range.step) values.add(value)
  }
  return isAll ? undefined : [...values].toSorted((a, b) => a - b)
}

interface Range {
  readonly from: number
  readonly to: number
  readonly step: number
  /** `*` itself: a day field that is all leaves the choice of days to the other one. */
  readonly isAll: boolean
}

function parseRange(text: string, field: Field): Range | string {
  const { name, min, max } = field
  const [, range = '', stepText] = /^([^/]*)(?:\/([^/]*))?$/.exec(text) ?? []
  const [, fromText = '', toText] = /^([^-]*)(?:-([^-]*))?$/.exec(range) ?? []
  const isAll = range === '*' || range === '?'
  const from = isAll ? min : numberIn(fromText, field)
  // `5/20` means from 5 on, every 20.
  const last = isAll || stepText !== undefined ? max : from
  const to = toText === undefined ? last : numberIn(toText, field)
  const step = stepText === undefined ? 1 : numberOf(stepText)
  if (from === undefined || to === undefined || from < min || to > max) {
    return `${name} "${text}" must be from ${min} to ${max}`
  }
  if (from > to) return `${name} "${text}" must not end before it begins`
  if (step === undefined || step < 1) return `${name} "${text}" must have a step of 1 or more`
  return { from, to, step, isAll: isAll && step === 1 }
}

function numberIn(text: string, { min, words = [] }: Field): number | undefined {
  const word = words.indexOf(text.toLowerCase())
  return word === -1 ? numberOf(text) : min + word
}

function numberOf(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}
