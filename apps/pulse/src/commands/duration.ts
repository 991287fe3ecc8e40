import { Option } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** `--timeout`, in milliseconds once it is read: a mistake in it is told before anything is done. */
export function timeoutOption(byDefault = '5m'): Option {
  return new Option('--timeout <duration>', 'how long to wait')
    .argParser(parseDuration)
    .default(parseDuration(byDefault), byDefault)
}

/** `90s`, `5m`, `1h30m` in milliseconds. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new CommandError(`"${text}" is no duration: write 90s, 5m or 1h30m`, exitCodes.usage)
  }
  return parts.reduce((sum, [, number, unit]) => {
    const factor = Object.entries(unitMs).find(([name]) => name === unit)?.[1] ?? 0
    return sum + Number(number) * factor
  }, 0)
}
