import type { EventNote } from '../../events.ts'
import type { AttemptContext } from './attempt.ts'
import type { Bell } from './bell.ts'
import type { RunnerContext } from './context.ts'
import { execInContainer } from './exec.ts'
import type { Halt } from './halt.ts'
import type { Run } from './journal.ts'
import type { Moment } from './moment.ts'
import type { Container, Pod } from './pod.ts'
import type { PodRecord } from './pod-journal.ts'

/** What a container needs of its pod. */
export interface ContainerHost {
  readonly context: RunnerContext
  readonly pod: () => Pod
  readonly container: Container
  readonly record: PodRecord
  readonly folder: string
  readonly halt: Halt
  /** Rings when something the container waits for may have come. */
  readonly sources: Bell
  /** Passing state of the container, not kept beyond Pulse's own life. */
  readonly show: (moment: Moment) => void
}

/** How probes and hooks reach this run of the container. */
export function attemptsOf(
  { context, container, record }: ContainerHost,
  run: Run,
): AttemptContext {
  return {
    address: record.journal().address,
    portOf: (port: number | string) =>
      typeof port === 'number'
        ? port
        : (container.ports.find(({ name }) => name === port)?.containerPort ?? Number(port)),
    exec: (command: readonly string[], signal: AbortSignal) => {
      const { ownMounts } = context.isolation
      return execInContainer({ run, ownMounts, workingDir: container.workingDir, command }, signal)
    },
  }
}

/** An event about the container's Pod. */
export function tell(host: ContainerHost, note: EventNote): void {
  void host.context.events.record(host.pod().object, note)
}
