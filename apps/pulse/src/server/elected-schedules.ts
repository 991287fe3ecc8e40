import type { Objects } from '@pulse/engine'
import { systemClock } from '@pulse/gateway'
import { standForElection } from '../leases/election.ts'
import { gatewayNamespace } from './parameters.ts'
import { keepSchedules, type Schedules, type SchedulesOptions } from './schedules.ts'

export interface ElectedSchedulesOptions extends Omit<SchedulesOptions, 'term'> {
  readonly objects: Objects
  /** Of this gateway, unlike that of any other on the store. */
  readonly name: string
}

export interface ElectedSchedules extends Schedules {
  /** Lets another gateway keep them. */
  close(): Promise<void>
}

/** `kubectl get lease -n pulse-system pulse-schedules` tells which gateway keeps the schedules. */
const lease = { namespace: gatewayNamespace, name: 'pulse-schedules' }

/** Of all gateways on a store one keeps the schedules, and the others stand by. */
export function keepElectedSchedules(options: ElectedSchedulesOptions): ElectedSchedules {
  let kept: Schedules | undefined
  const election = standForElection({
    ...options,
    lease,
    clock: systemClock,
    random: Math.random,
    lead(term) {
      kept = keepSchedules({ ...options, term })
      term.signal.addEventListener('abort', () => (kept = undefined), { once: true })
    },
  })
  return {
    note: (object) => kept?.note(object),
    onState: (environment, state) => kept?.onState(environment, state),
    close: election.close,
  }
}
