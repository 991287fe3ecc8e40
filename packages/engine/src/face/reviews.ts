import { apiVersionOf, isRecord, StatusError, type UnknownRecord } from '@pulse/api'
import { badRequest } from '../store/refusals.ts'
import { type Answer, jsonAnswer } from './answer.ts'
import { mediaTypeOf, parseBody } from './body.ts'
import type { Call, User } from './call.ts'
import { objectTypes, refuseOther } from './given-object.ts'
import { type MessageShape, parseProtobuf, protobufType } from './protobuf.ts'
import type { ResourceRoute } from './route.ts'

/** A question in the form of a resource: created, answered, never stored. */
interface Review {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly kind: string
  /** As kubectl asks it: in protobuf, which is read of no other kind. */
  readonly shape: MessageShape
  readonly statusOf: (user: User) => Readonly<Record<string, unknown>>
}

const authorization = { group: 'authorization.k8s.io', version: 'v1' } as const
const everything = '*'

/** Field numbers from `authorization/v1/generated.proto` of k8s.io/api. */
const resourceAttributes: MessageShape = {
  1: ['namespace', 'text'],
  2: ['verb', 'text'],
  3: ['group', 'text'],
  4: ['version', 'text'],
  5: ['resource', 'text'],
  6: ['subresource', 'text'],
  7: ['name', 'text'],
}

const reviews: readonly Review[] = [
  {
    ...authorization,
    plural: 'selfsubjectaccessreviews',
    kind: 'SelfSubjectAccessReview',
    shape: {
      2: [
        'spec',
        {
          1: ['resourceAttributes', resourceAttributes],
          2: ['nonResourceAttributes', { 1: ['path', 'text'], 2: ['verb', 'text'] }],
        },
      ],
    },
    // On one machine a token is the administrator's: there is nothing that it may not do.
    statusOf: () => ({ allowed: true, reason: 'the token of this installation may do everything' }),
  },
  {
    ...authorization,
    plural: 'selfsubjectrulesreviews',
    kind: 'SelfSubjectRulesReview',
    shape: { 2: ['spec', { 1: ['namespace', 'text'] }] },
    statusOf: () => ({
      resourceRules: [{ verbs: [everything], apiGroups: [everything], resources: [everything] }],
      nonResourceRules: [{ verbs: [everything], nonResourceURLs: [everything] }],
      incomplete: false,
    }),
  },
  {
    group: 'authentication.k8s.io',
    version: 'v1',
    plural: 'selfsubjectreviews',
    kind: 'SelfSubjectReview',
    shape: {},
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
  if (!review) return undefined
  if (call.method !== 'POST' || route.name !== undefined) {
    throw new StatusError(
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      { group: review.group, kind: review.plural },
    )
  }
  const body = await readReview(call, review)
  refuseOther('API version', body.apiVersion, apiVersionOf(review))
  refuseOther('kind', body.kind, review.kind)
  const status = review.statusOf(call.user)
  return jsonAnswer({ metadata: {}, ...body, status }, { code: 201 })
}

async function readReview({ headers, readBody }: Call, { shape }: Review): Promise<UnknownRecord> {
  const type = mediaTypeOf(headers['content-type'], [...objectTypes, protobufType])
  const bytes = await readBody()
  const body = type === protobufType ? parseProtobuf(bytes, shape) : parseBody(bytes, type)
  if (!isRecord(body)) throw badRequest('the body of the request is not an object')
  return body
}
