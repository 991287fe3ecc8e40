import { fileClasses } from './file-classes.ts'
import { hold, type RequestClassRow } from './request-class.ts'
import { openTabClasses, tabQuestionClasses } from './tab-classes.ts'
import { unattendedClasses } from './unattended-classes.ts'
import { userClasses } from './user-classes.ts'

/** Applies to every request, so it stands last. */
export const otherRequest: RequestClassRow = {
  name: 'other',
  which: 'everything else: programs, webhooks, preflights',
  when: () => true,
  wakes: true,
  activity: true,
  asleep: hold,
  wording: 'problem',
  reason: 'What is not known may matter to somebody: it is held.',
}

/**
 * What each request gets: the first row that applies. This table is also docs/reference/request-classes.md. Whoever
 * reads (GET, HEAD) gets a kept copy first, whatever its row: it costs nobody anything.
 */
export const requestClasses: readonly RequestClassRow[] = [
  ...openTabClasses,
  ...unattendedClasses,
  ...fileClasses,
  ...tabQuestionClasses,
  ...userClasses,
  otherRequest,
]
