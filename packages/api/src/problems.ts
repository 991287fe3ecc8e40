import type { ProblemType } from './problem.ts'

/** Where the reference of problems stands; the type URI of each is this and its slug. */
export const problemBaseUri = 'https://planapulse.com/problems/'

export function problemTypeUri({ slug }: Pick<ProblemType, 'slug'>): string {
  return `${problemBaseUri}${slug}`
}

/** What the gateway answers instead of Odoo. Commands and settings named here exist: a test asks for each. */
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
    remedy: 'Check the hostname; `pulse get tenantenvironments` lists those that exist.',
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
    slug: 'control-path',
    status: 404,
    title: 'The address is one of the servers themselves',
    remedy: 'Choose another path for what Odoo is to serve: none that begins with /plana/.',
    retryable: false,
  },
  {
    slug: 'body-too-large',
    status: 413,
    title: 'The request body is too large',
    remedy: 'Send less at once, or raise the limit of the gateway: PLANA_GATEWAY_BODY_MAX_BYTES.',
    retryable: false,
  },
  {
    slug: 'request-timeout',
    status: 408,
    title: 'The request stopped coming',
    remedy:
      'Send it again without pauses, or raise PLANA_GATEWAY_REQUEST_IDLE_TIMEOUT_SECONDS, or lower PLANA_GATEWAY_BODY_BYTES_PER_SECOND_MIN for slow lines.',
    retryable: true,
  },
  {
    slug: 'websocket-not-served',
    status: 404,
    title: 'No WebSocket is served at this path',
    remedy: 'Connect to /websocket.',
    retryable: false,
  },
  {
    slug: 'websocket-version',
    status: 426,
    title: 'This version of WebSocket is not served',
    remedy: 'Connect with Sec-WebSocket-Version: 13.',
    retryable: false,
  },
  {
    slug: 'too-many-websockets',
    status: 503,
    title: 'Too many WebSockets are open',
    remedy: 'Try again later; close tabs that are not needed.',
    retryable: true,
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
    remedy: 'Read the conditions: `pulse describe tenantenvironment NAME`; then `pulse logs NAME`.',
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
    remedy: 'Try again; if it lasts, read `pulse describe tenantenvironment NAME`.',
    retryable: true,
  },
  {
    slug: 'too-many-waiting',
    status: 503,
    title: 'Too many requests wait for the environment',
    remedy: 'Try again in a few seconds, and send fewer at once while it wakes.',
    retryable: true,
  },
  {
    slug: 'wake-limited',
    status: 503,
    title: 'The environment sleeps and may not be woken again yet',
    remedy:
      'Try again after the time in Retry-After, log in, or raise PLANA_GATEWAY_TENANT_WAKES_PER_HOUR_MAX.',
    retryable: true,
  },
  {
    slug: 'too-many-wakes',
    status: 429,
    title: 'Too many environments were woken from this address',
    remedy:
      'Try again after the time in Retry-After, log in, or raise PLANA_GATEWAY_ADDRESS_WAKES_PER_HOUR_MAX.',
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
    slug: 'backend-moved',
    status: 503,
    title: 'The environment has moved to another process',
    remedy: 'Send the request again: nothing of it was carried out.',
    retryable: true,
  },
  {
    slug: 'backend-timeout',
    status: 504,
    title: 'The environment did not answer in time',
    remedy:
      'Ask for less at once, or raise the time limit of the gateway: PLANA_GATEWAY_ANSWER_TIMEOUT_SECONDS.',
    retryable: true,
  },
] as const satisfies readonly ProblemType[]

/** The catalogue: every problem that a caller can meet, and none that nothing sends. */
export const problemTypes: readonly (ProblemType & { readonly slug: ProblemSlug })[] =
  gatewayProblems

export type ProblemSlug = (typeof gatewayProblems)[number]['slug']

const bySlug = new Map(problemTypes.map((type) => [type.slug, type]))

/** The entry of the catalogue. */
export function mustProblemType(slug: ProblemSlug): ProblemType {
  const type = bySlug.get(slug)
  if (type === undefined) throw new Error(`there is no problem ${slug}`)
  return type
}
