import { badRequest } from '../store/refusals.ts'
import { type Answer, jsonAnswer } from './answer.ts'
import { mediaTypeOf, parseBody } from './body.ts'
import type { Call, User } from './call.ts'
import type { ResourceRoute } from './route.ts'

/** A question in the form of a resource: created, answered, never stored. */
interface Review {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly kind: string
  readonly statusOf: (user: User) => Readonly<Record<string, unknown>>
}

const reviews: readonly Review[] = [
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    plural: 'selfsubjectaccessreviews',
    kind: 'SelfSubjectAccessReview',
    // On one machine a token is the administrator's: there is nothing that it may not do.
    statusOf: () => ({ allowed: true, reason: 'the token of this installation may do everything' }),
  },
  {
    group: 'authentication.k8s.io',
    version: 'v1',
    plural: 'selfsubjectreviews',
    kind: 'SelfSubjectReview',
    statusOf: ({ name, groups = [] }) => ({ userInfo: { username: name, groups } }),
  },
]

/** The reviews of one group and version, or all. */
export function reviewsOf(of?: {
  readonly group: string
  readonly version: string
}): readonly Review[] {
  return reviews.filter(
    ({ group, version }) => !of || (group === of.group && version === of.version),
  )
}

/** Answers a POST to a review; undefined when the route is none. */
export async function answerReview(call: Call, route: ResourceRoute): Promise<Answer | undefined> {
  const review = reviewsOf(route).find(({ plural }) => plural === route.plural)
  if (!review || call.method !== 'POST' || route.name !== undefined) return undefined
  const type = mediaTypeOf(call.headers['content-type'], ['application/json', 'application/yaml'])
  const body = parseBody(await call.readBody(), type)
  if (typeof body !== 'object' || body === null) throw badRequest('the body is not an object')
  return jsonAnswer({ ...body, status: review.statusOf(call.user) }, { code: 201 })
}
