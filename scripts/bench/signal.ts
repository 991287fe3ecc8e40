import type { Bench } from './pulse.ts'

/** What all wakes so far have taken until their wish stood in the store, in milliseconds, by the gateway's own clock. */
export async function signalMsSoFar({ metrics }: Bench): Promise<number> {
  const sum = /^pulse_gateway_wake_signal_seconds_sum (\S+)$/m.exec(await metrics())?.[1]
  // It stands there from the first wake on.
  return Number(sum ?? 0) * 1_000
}
