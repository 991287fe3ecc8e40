import { setImmediate as nextTurn } from 'node:timers/promises'

/** One slice, then other requests get their turn, as Python's interpreter lock hands over between threads. */
const sliceMs = 5

/**
 * Spends real CPU, so that what is measured with the stand-in is of the size that Odoo would need.
 * `factor` comes from `--standin-burn` or `PULSE_STANDIN_BURN` (default 1; unit tests set 0).
 */
export interface Burn {
  /** Burns this much CPU in slices. */
  for(ms: number): Promise<void>
  /** Burns until the process as a whole has used this much CPU. */
  upTo(ms: number): Promise<void>
}

export function createBurn(factor: number): Burn {
  return {
    async for(ms) {
      let left = ms * factor
      while (left > 0) {
        left -= spin(Math.min(left, sliceMs))
        await nextTurn()
      }
    },
    async upTo(ms) {
      while (processCpuMs() < ms * factor) {
        spin(sliceMs)
        await nextTurn()
      }
    },
  }
}

/** Reads the factor; anything that is not a number of 0 or more is a mistake worth stopping for. */
export function parseBurnFactor(text = '1'): number {
  const factor = Number(text)
  if (!(factor >= 0)) throw new Error(`PULSE_STANDIN_BURN is ${text}: give a factor such as 0 or 1`)
  return factor
}

function spin(ms: number): number {
  const start = threadCpuMs()
  while (threadCpuMs() - start < ms) Math.sqrt(start)
  return threadCpuMs() - start
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function processCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
