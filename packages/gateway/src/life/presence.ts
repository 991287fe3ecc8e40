import type { Clock } from '../clock.ts'

/** Whether anything is known of an environment, by what was last seen of it. */
export interface Presence {
  note(isThere: boolean): void
  /** It was deleted, or its workers are being replaced. */
  readonly isMissing: boolean
}

/** Workers that are being replaced are back within this. */
const missingMsMax = 10_000

/** `onGone`: it has been missing for so long that nobody needs to wait for it; told each time that it is looked for. */
export function createPresence(clock: Pick<Clock, 'now'>, onGone: () => void): Presence {
  let missingSince: number | undefined
  return {
    note(isThere) {
      if (isThere) {
        missingSince = undefined
        return
      }
      missingSince ??= clock.now()
      if (clock.now() - missingSince >= missingMsMax) onGone()
    },
    get isMissing() {
      return missingSince !== undefined
    },
  }
}
