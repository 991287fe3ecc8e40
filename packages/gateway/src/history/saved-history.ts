import type { WakeCause, WakeTemperature } from '../life/wake-facts.ts'

/** One wake that ended well. */
export interface Wake {
  /** Epoch milliseconds of its start. */
  readonly atMs: number
  readonly cause: WakeCause
  readonly temperature: WakeTemperature
  /** From its signal until the first request could be sent. */
  readonly durationMs: number
}

/** A history as data. */
export interface SavedHistory {
  /** Weeks since a Monday; undefined before the first activity. */
  readonly week: number | undefined
  readonly lastActivityMs: number | undefined
  readonly hours: readonly number[]
  readonly pauses: readonly number[]
  readonly wakes: readonly Wake[]
}

/** So many wakes are remembered; older ones give way. */
export const wakesMax = 32

/** As they are saved: a number never gets another meaning. */
const causeCodes: Readonly<Record<WakeCause, number>> = { request: 0, schedule: 1, asked: 2 }
const temperatureCodes: Readonly<Record<WakeTemperature, number>> = {
  hot: 0,
  warm: 1,
  forked: 2,
  cold: 3,
}

/** Raised when the meaning of what is saved changes; what an older one wrote is then forgotten. */
const version = 1

/** At most 4 KiB of JSON for any history; the uid is that of its environment. */
export function stringifyHistory(saved: SavedHistory, uid: string): string {
  const { week = null, lastActivityMs = null, hours, pauses, wakes } = saved
  return JSON.stringify({
    v: version,
    uid,
    week,
    last: lastActivityMs,
    hours,
    pauses,
    wakes: wakes.map(({ atMs, cause, temperature, durationMs }) => [
      atMs,
      causeCodes[cause],
      temperatureCodes[temperature],
      durationMs,
    ]),
  })
}

/**
 * Undefined for anything but what `stringifyHistory` of this version wrote of this very environment: a history is
 * worth no failed start, and is not for the next one of its name.
 */
export function parseHistory(text: string, uid: string): SavedHistory | undefined {
  if (text.length > savedCharactersMax) return undefined
  const saved = jsonOf(text)
  if (!isRecord(saved) || saved.v !== version || saved.uid !== uid) return undefined
  const { week, last, hours, pauses } = saved
  if (!Array.isArray(saved.wakes)) return undefined
  const wakes = saved.wakes.slice(-wakesMax).map(wakeOf)
  if (!isCountOrNull(week) || !isCountOrNull(last)) return undefined
  if (!isCounts(hours, 168) || !isCounts(pauses, 24)) return undefined
  if (!wakes.every((wake) => wake !== undefined)) return undefined
  return { week: week ?? undefined, lastActivityMs: last ?? undefined, hours, pauses, wakes }
}

const savedCharactersMax = 4_096

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function wakeOf(value: unknown): Wake | undefined {
  if (!isCounts(value, 4)) return undefined
  const [atMs, causeCode, temperatureCode, durationMs] = value
  const cause = nameOf(causeCodes, causeCode)
  const temperature = nameOf(temperatureCodes, temperatureCode)
  if (atMs === undefined || durationMs === undefined || !cause || !temperature) return undefined
  return { atMs, cause, temperature, durationMs }
}

function nameOf<Name extends string>(
  codes: Readonly<Record<Name, number>>,
  code: number | undefined,
): Name | undefined {
  for (const name in codes) if (codes[name] === code) return name
  return undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isCounts(value: unknown, length: number): value is number[] {
  return Array.isArray(value) && value.length === length && value.every(isCount)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isCountOrNull(value: unknown): value is number | null {
  return value === null || isCount(value)
}
