const names: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM']

/** The wish of a person or of systemd that a long-running command ends. */
export interface EndSignal {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal
  /** Which one it was, as soon as there is one. */
  readonly name: Promise<NodeJS.Signals>
}

/** Listens from now on. Whoever asks a second time does not want to wait: then the process ends at once. */
export function listenForEnd(): EndSignal {
  const ending = new AbortController()
  const name = new Promise<NodeJS.Signals>((resolve) => {
    const onSignal = (wanted: NodeJS.Signals) => {
      if (ending.signal.aborted) process.exit(1)
      ending.abort()
      resolve(wanted)
    }
    for (const wanted of names) process.on(wanted, onSignal)
  })
  return { signal: ending.signal, name }
}
