import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bench, killingOf, openBench, parseMoment, run, wordsOf } from './runs.suite.ts'

export interface SoakOptions {
  readonly seed: string
  /** Number of the first run. */
  readonly from: number
  readonly runs: number
  /** Machines that are killed beside each other. */
  readonly benches: number
  /** Where to kill, instead of where the seed says. */
  readonly at?: string | undefined
  /** One scenario instead of those that the seed says. */
  readonly only?: string | undefined
  /** The runs under way are the last. */
  readonly signal?: AbortSignal
  readonly print: (line: string) => void
}

export interface Soaked {
  readonly done: number
  readonly failures: readonly string[]
}

/** Somebody must look before there are more of the same. */
const failuresAtMost = 5

/** Runs as many as asked for, each of which its seed and number tell whole; one that fails costs its machine. */
export async function soak(options: SoakOptions): Promise<Soaked> {
  const { seed, from, runs, print } = options
  const at = options.at === undefined ? undefined : parseMoment(options.at)
  const failures: string[] = []
  /** How many moments each scenario has shown. */
  const found = new Map<string, number>()
  let next = from
  let done = 0

  async function work() {
    let bench: Bench | undefined
    try {
      while (next < from + runs && failures.length < failuresAtMost && !options.signal?.aborted) {
        const number = next
        next += 1
        bench ??= await openBench()
        const failure = await runOne(bench, number)
        done += 1
        for (const [name, { points }] of bench.recordings) found.set(name, points.length)
        if (failure === undefined) continue
        failures.push(failure)
        await bench.machine.cleanUp()
        bench = undefined
      }
    } finally {
      await bench?.machine.cleanUp()
    }
  }

  async function runOne(bench: Bench, number: number): Promise<string | undefined> {
    const began = performance.now()
    let words = `${number}`
    let moment = ''
    try {
      const killing = await killingOf(bench, `${seed}:${number}`, { at, only: options.only })
      const { scenario, order, blindMs } = killing
      moment = blindMs === undefined ? wordsOf(order) : ''
      words = `${number} ${scenario.name}, ${order.victim} killed ${moment || `${blindMs} ms later`}`
      const { isPassed } = await run(bench, killing)
      const took = ((performance.now() - began) / 1000).toFixed(1)
      print(`ok ${took} s  ${words}${isPassed ? '' : ' (not passed: killed at rest)'}`)
      return undefined
    } catch (error) {
      const log = join(tmpdir(), `pulse-soak-${seed}-${number}.log`)
      await writeFile(log, bench.machine.log())
      const message = error instanceof Error ? error.message : String(error)
      const only = options.only && ` --scenario "${options.only}"`
      const failure = [
        `FAILED ${words}`,
        message,
        `what Pulse said: ${log}`,
        `again: npm run soak -- --seed ${seed} --from ${number} --runs 1${only ?? ''}${moment && ` --at "${moment}"`}`,
      ].join('\n')
      print(failure)
      return failure
    }
  }

  await Promise.all(Array.from({ length: options.benches }, work))
  for (const [name, moments] of found) print(`${moments} moments found in "${name}"`)
  return { done, failures }
}
