import type { PlainAnswer } from '../plain-answer.ts'
import { type WaitingPageOptions, waitingPage } from './waiting-page.ts'

export interface PageAnswer extends Omit<PlainAnswer, 'body'> {
  readonly body: Buffer
}

interface SharedPage {
  readonly options: Omit<WaitingPageOptions, 'nowMs'>
  readonly answer: PageAnswer
  readonly renderedAtMs: number
}

/** What a page tells moves no faster than an eye: its script asks anew no sooner than this. */
const sharedMs = 250

/** One may carry a logo; those of a crowd's tenant are what is worth keeping. */
const pagesMax = 16

/**
 * The waiting pages of a moment: a crowd at one tenant's door gets the same bytes, and not one page made for each. What
 * has changed in the meantime but the time itself makes another page.
 */
export function createSharedPages(
  now: () => number,
): (environment: string, options: SharedPage['options']) => PageAnswer {
  const pages = new Map<string, SharedPage>()

  function render(options: SharedPage['options'], nowMs: number): PageAnswer {
    const answer = waitingPage({ ...options, nowMs })
    return { ...answer, body: Buffer.from(answer.body) }
  }

  return (environment, options) => {
    const nowMs = now()
    const key = `${environment} ${options.language}`
    const known = pages.get(key)
    const isFresh = known !== undefined && nowMs - known.renderedAtMs < sharedMs
    if (isFresh && isSame(known.options, options)) return known.answer
    const answer = render(options, nowMs)
    pages.delete(key)
    pages.set(key, { options, answer, renderedAtMs: nowMs })
    const [oldest] = pages.keys()
    if (pages.size > pagesMax && oldest !== undefined) pages.delete(oldest)
    return answer
  }
}

function isSame(one: SharedPage['options'], other: SharedPage['options']): boolean {
  return (
    one.displayName === other.displayName &&
    one.logo?.bytes === other.logo?.bytes &&
    JSON.stringify(one.wake) === JSON.stringify(other.wake)
  )
}
