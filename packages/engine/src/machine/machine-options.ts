import type { Log } from '@pulse/api'
import type { Clock } from '../clock.ts'
import type { EventRecorder } from '../events.ts'
import type { Objects } from '../objects.ts'

/** What every machine controller stands on. */
export interface MachineOptions {
  readonly objects: Objects
  readonly log: Log
  readonly clock: Clock
  readonly events: EventRecorder
}
