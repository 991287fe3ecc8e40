import { Option } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import { parseDuration } from './duration.ts'

/** For how long a tenant is to be kept awake. */
export interface Keep {
  /** As it was typed. */
  readonly text: string
  readonly milliseconds: number
}

/** `--keep`: a mistake in it is told before anything is done. */
export function keepOption(): Option {
  return new Option('--keep <duration>', 'also keep it awake for so long').argParser(parseKeep)
}

/** RFC 3339 has four digits for the year. */
const lastTime = Date.UTC(10_000, 0) - 1

function parseKeep(text: string): Keep {
  const milliseconds = parseDuration(text)
  const refusal = (words: string) => new CommandError(`--keep ${text}: ${words}`, exitCodes.usage)
  // It would only end an earlier one.
  if (milliseconds <= 0) throw refusal('it must be longer than nothing')
  if (Date.now() + milliseconds > lastTime) throw refusal('it must end before the year 9999 does')
  return { text, milliseconds }
}

/** When it ends, in the time of who reads it: `2026-11-30 15:27 EET, for 2h`. */
export function keepWords({ text }: Keep, until: Date): string {
  // Sweden writes dates as ISO 8601 does.
  const time = until.toLocaleString('sv-SE', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  })
  return `${time}, for ${text}`
}
