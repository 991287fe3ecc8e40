import type { Chunks } from '../request-body.ts'
import type { KeptBytes } from './kept-bytes.ts'

/** The body of a request that may have to be sent to more than one backend. */
export interface KeptBody {
  readonly announcedBytes: number | undefined
  /** Whether it can still be sent from its beginning. */
  isWhole(): boolean
  /** Whether it is known that it will not be kept whole: once it is on its way, there is no second try. */
  isLarge(): boolean
  /**
   * From its beginning, as it comes, for one more attempt: what an earlier one still reads ends without a further
   * chunk. Before it lets go of what it kept, because that grew too large, it asks `onOutgrown`: the last moment at which
   * a backend can still be found to be the wrong one without a loss. If that says no, the body ends here and stays kept.
   */
  chunks(onOutgrown: () => Promise<boolean>): Chunks
  /** Keeps nothing more: it will not be sent again. */
  release(): void
}

export interface KeptBodyOptions {
  /** Undefined when the length is not announced. */
  readonly announcedBytes: number | undefined
  readonly keptBodyBytesMax: number
  readonly keptBytes: KeptBytes
}

/** Keeps what passes of `source`, up to a limit of its own and one for all requests together. */
export function createKeptBody(source: Chunks, options: KeptBodyOptions): KeptBody {
  const { announcedBytes, keptBodyBytesMax, keptBytes } = options
  /** What has come: all of it while it is kept, afterwards what nobody has taken yet. */
  const window: Buffer[] = []
  let taken = 0
  let large = (announcedBytes ?? 0) > keptBodyBytesMax
  let keeping = !large
  let begun = false
  let attempts = 0
  let ended = false
  let pulling: Promise<void> | undefined

  /** One at a time, whoever asks: an attempt that was given up may still be waiting for the next chunk. */
  function pull(): Promise<void> {
    pulling ??= pullOne().then(() => {
      pulling = undefined
    })
    // A failure stays: whoever asks later must not take it for the end.
    return pulling
  }

  async function pullOne() {
    const { done, value } = await source.next()
    if (done) {
      ended = true
      return
    }
    window.push(value)
    if (!keeping) return
    if (taken + value.length <= keptBodyBytesMax && keptBytes.take(value.length)) {
      taken += value.length
      return
    }
    large = true
  }

  function release() {
    keeping = false
    keptBytes.giveBack(taken)
    taken = 0
  }

  /** Only the newest attempt takes from the window: one that was given up would take chunks away from it. */
  async function* chunksFor(attempt: number, onOutgrown: () => Promise<boolean>): Chunks {
    // Without its beginning it would be another request.
    if (begun && !keeping) throw new Error('the body is no longer whole')
    begun = true
    let at = 0
    while (attempt === attempts) {
      if (!keeping && at > 0) {
        window.splice(0, at)
        at = 0
      }
      const chunk = window[at]
      if (chunk !== undefined) {
        if (keeping) at += 1
        else window.shift()
        yield chunk
      } else if (ended) {
        return
      } else {
        await pull()
        if (!keeping || !large || attempt !== attempts) continue
        if (!(await onOutgrown())) return
        if (attempt === attempts) release()
      }
    }
  }

  return {
    announcedBytes,
    isWhole: () => keeping || !begun,
    isLarge: () => large,
    chunks(onOutgrown) {
      attempts += 1
      return chunksFor(attempts, onOutgrown)
    },
    release,
  }
}
