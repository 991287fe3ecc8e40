import type { ProblemType } from './problem.ts'

/** Where the reference of problems stands; the type URI of each is this and its slug. */
export const problemBaseUri = 'https://planapulse.com/problems/'

export function problemTypeUri({ slug }: Pick<ProblemType, 'slug'>): string {
  return `${problemBaseUri}${slug}`
}

/** What the gateway answers instead of Odoo. */
const gatewayProblems = [
  {
    slug: 'bad-request',
    status: 400,
    title: 'The request cannot be understood',
    remedy: 'Send a valid request target and a Host header.',
    retryable: false,
  },
  {
    slug: 'host-not-found',
    status: 404,
    title: 'No environment is served at this host',
    remedy: 'Check the hostname; `pulse get environments` lists those that exist.',
    retryable: false,
  },
  {
    slug: 'database-manager',
    status: 403,
    title: 'The database manager is not served',
    remedy: 'Make, copy and delete databases through Pulse.',
    retryable: false,
  },
  {
    slug: 'database-service',
    status: 403,
    title: 'The XML-RPC database service is not served',
    remedy: 'Make, copy and delete databases through Pulse.',
    retryable: false,
  },
  {
    slug: 'json-rpc',
    status: 403,
    title: 'JSON-RPC from outside is not served',
    remedy: 'Use XML-RPC at /xmlrpc/2/common and /xmlrpc/2/object.',
    retryable: false,
  },
  {
    slug: 'xml-rpc-service',
    status: 403,
    title: 'Only the XML-RPC services common and object are served',
    remedy: 'Use /xmlrpc/2/common and /xmlrpc/2/object.',
    retryable: false,
  },
  {
    slug: 'body-too-large',
    status: 413,
    title: 'The request body is too large',
    remedy: 'Send less at once, or raise the limit of the gateway.',
    retryable: false,
  },
  {
    slug: 'environment-creating',
    status: 503,
    title: 'The environment is being made',
    remedy: 'Try again in a few seconds; `pulse wait` says when it is ready.',
    retryable: true,
  },
  {
    slug: 'environment-failed',
    status: 503,
    title: 'The environment could not be started',
    remedy: 'Read the conditions: `pulse describe environment NAME`; then `pulse logs NAME`.',
    retryable: true,
  },
  {
    slug: 'environment-suspended',
    status: 402,
    title: 'The environment is suspended',
    remedy: 'Set `spec.status: active` on its PLANAClient.',
    retryable: false,
  },
  {
    slug: 'environment-disabled',
    status: 410,
    title: 'The environment is switched off',
    remedy: 'Set `spec.status: active` on its PLANAClient.',
    retryable: false,
  },
  {
    slug: 'environment-unavailable',
    status: 503,
    title: 'No worker of the environment is ready',
    remedy: 'Try again; if it lasts, read `pulse describe environment NAME`.',
    retryable: true,
  },
  {
    slug: 'backend-unreachable',
    status: 502,
    title: 'The environment broke off the connection',
    remedy: 'Try again; if it lasts, read `pulse logs NAME`.',
    retryable: true,
  },
  {
    slug: 'backend-timeout',
    status: 504,
    title: 'The environment did not answer in time',
    remedy: 'Ask for less at once, or raise the time limit of the gateway.',
    retryable: true,
  },
] as const satisfies readonly ProblemType[]

/** What services answer, whatever they are about. */
const serviceProblems = [
  {
    slug: 'unauthenticated',
    status: 401,
    title: 'Who you are is not known',
    remedy: 'Log in, or send a valid token.',
    retryable: false,
  },
  {
    slug: 'not-found',
    status: 404,
    title: 'There is nothing of that name for you',
    remedy: 'Check the name; what is not yours is not shown.',
    retryable: false,
  },
  {
    slug: 'invalid-request',
    status: 400,
    title: 'The request breaks rules',
    remedy: 'Mend every field that `errors` names.',
    retryable: false,
  },
  {
    slug: 'too-many-requests',
    status: 429,
    title: 'Too many requests',
    remedy: 'Wait as long as Retry-After says.',
    retryable: true,
  },
  {
    slug: 'database-unavailable',
    status: 503,
    title: 'The database cannot be reached',
    remedy: '`pulse status` and `pulse doctor` say what is wrong with PostgreSQL.',
    retryable: true,
  },
  {
    slug: 'internal-error',
    status: 500,
    title: 'Something went wrong on our side',
    remedy: 'Report the `requestId`: the log has the cause under it.',
    retryable: true,
  },
] as const satisfies readonly ProblemType[]

/** The catalogue: every problem that a caller can meet. */
export const problemTypes: readonly ProblemType[] = [...gatewayProblems, ...serviceProblems]

export type ProblemSlug = (typeof gatewayProblems | typeof serviceProblems)[number]['slug']

const bySlug = new Map(problemTypes.map((type) => [type.slug, type]))

/** The entry of the catalogue. */
export function mustProblemType(slug: ProblemSlug): ProblemType {
  const type = bySlug.get(slug)
  if (type === undefined) throw new Error(`there is no problem ${slug}`)
  return type
}
