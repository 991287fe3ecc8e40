import type { IncomingHttpHeaders } from 'node:http'
import type { RequestClassRow } from './request-class.ts'
import { otherRequest, requestClasses } from './request-classes.ts'
import { type ClassHints, type RequestTarget, traitsOf } from './request-traits.ts'

/** The class of a request, from its first line and headers alone. Never throws, whatever they hold. */
export function classify(
  request: RequestTarget,
  headers: IncomingHttpHeaders,
  hints: ClassHints = {},
): RequestClassRow {
  const traits = traitsOf(request, headers, hints)
  return requestClasses.find(({ when }) => when(traits)) ?? otherRequest
}
