import type { Log } from '@pulse/api'
import type { Clock } from '@pulse/gateway'

/** The time for which a lease is ours. */
export interface Term {
  /** Aborted when it is over. */
  readonly signal: AbortSignal
  /**
   * Before each act: throws when the lease is not ours any more. A process that stood still learns it here, before any
   * of its timers tells.
   */
  check(): void
}

/** One's own terms, one after the other. */
export interface Terms {
  /** Renewed until then, by our own clock; begins a term if there is none. */
  holdUntil(at: number): void
  isHeld(): boolean
  end(why: string): void
}

export interface TermsOptions {
  readonly clock: Clock
  readonly log: Log
  /** Of the lease. */
  readonly name: string
  readonly lead: (term: Term) => void
}

export function createTerms({ clock, log, name, lead }: TermsOptions): Terms {
  let current: AbortController | undefined
  let until = Number.NEGATIVE_INFINITY
  let cancel = () => {}

  function isHeld(): boolean {
    if (current !== undefined && clock.now() >= until) end('it was not renewed in time')
    return current !== undefined
  }

  function end(why: string) {
    if (current === undefined) return
    const ending = current
    current = undefined
    cancel()
    log.info({ lease: name, why }, 'the lease is not ours any more')
    ending.abort(new Error(`the lease ${name} is not ours any more: ${why}`))
  }

  return {
    holdUntil(at) {
      until = Math.max(until, at)
      cancel()
      if (clock.now() >= until) return end('it was not renewed in time')
      cancel = clock.after(until - clock.now(), () => void isHeld())
      if (current !== undefined) return
      const { signal } = begin()
      lead({
        signal,
        check() {
          isHeld()
          signal.throwIfAborted()
        },
      })
    },
    isHeld,
    end,
  }

  function begin(): AbortController {
    current = new AbortController()
    log.info({ lease: name }, 'the lease is ours')
    return current
  }
}
