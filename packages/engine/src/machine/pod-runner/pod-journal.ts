import {
  type ContainerJournal,
  type Ended,
  type PodJournal,
  type Run,
  writeJournal,
} from './journal.ts'

/** The journal of one living pod: what changes is on disk before the call returns. */
export interface PodRecord {
  readonly journal: () => PodJournal
  readonly of: (container: string) => ContainerJournal
  /** A run is about to start; from here on it may exist. */
  readonly begin: (container: string, run: Run) => void
  readonly identify: (container: string, process: Run['process']) => void
  /** The run never came to be. */
  readonly withdraw: (container: string) => void
  readonly end: (container: string, ended: Ended) => void
}

const blank: ContainerJournal = {
  restarts: 0,
  run: undefined,
  ended: undefined,
  endedBefore: undefined,
}

export function keepRecord(folder: string, initial: PodJournal): PodRecord {
  let journal = initial
  writeJournal(folder, journal)

  const of = (container: string) => journal.containers[container] ?? blank

  function set(container: string, change: Partial<ContainerJournal>) {
    const containers = { ...journal.containers, [container]: { ...of(container), ...change } }
    journal = { ...journal, containers }
    writeJournal(folder, journal)
  }

  return {
    journal: () => journal,
    of,
    begin(container, run) {
      const { restarts, ended } = of(container)
      set(container, { run, restarts: ended ? restarts + 1 : restarts })
    },
    identify(container, process) {
      const { run } = of(container)
      if (run) set(container, { run: { ...run, process } })
    },
    withdraw(container) {
      const { restarts, ended } = of(container)
      set(container, { run: undefined, restarts: ended ? restarts - 1 : restarts })
    },
    end(container, ended) {
      set(container, { run: undefined, ended, endedBefore: of(container).ended })
    },
  }
}
