import type { Difference } from './difference.ts'

/** Where paths and documents answer otherwise. */
export const discoveryDifferences: readonly Difference[] = [
  {
    what: 'A list of resources has an `apiVersion` in the core group too.',
    why: 'Every object here says what it is.',
    at: /^body\.apiVersion$/,
    rows: ['discovery: the kinds below /api/v1'],
  },
  {
    what: 'Discovery tells only of the versions that Pulse has.',
    why: 'autoscaling/v1 has no kinds of its own here; a Scale is a subresource.',
    at: /^body\.items\[\d+\]\.versions\[\]$/,
    rows: ['discovery: all groups, aggregated', 'discovery: aggregated, as kubectl asks'],
  },
  {
    what: 'Aggregated discovery names group and version of each response kind.',
    why: 'A cluster leaves them empty for its own kinds, where they are those of the list; clients fill them in.',
    at: /\.responseKind\.(group|version)$/,
    rows: 'anywhere',
  },
  {
    what: 'Accept is obeyed in its order when plain JSON comes before aggregated discovery.',
    why: 'RFC 9110; a cluster takes the aggregated form wherever it is named.',
    at: /^(headers\.(cache-control|content-type|etag|vary)|body)$/,
    rows: ['discovery: aggregated, where older documents are preferred'],
  },
  {
    what: 'Discovery and OpenAPI are JSON whatever is accepted, are called so, and do not say `Vary`.',
    why: 'Each has one form here.',
    at: /^(code|headers\.(content-type|vary|etag)|body)$/,
    rows: [
      'discovery: aggregated, as it is known already',
      'discovery: discovery in a form that nobody has',
      'open-api: the index',
      'open-api: a document',
      'open-api: a document by its hash',
      'open-api: a document by an old hash',
    ],
  },
  {
    what: 'A 404 for a subresource that a kind of Kubernetes does not have names the object.',
    why: 'As for our kinds: who asks is told what was asked for.',
    at: /^body\.details$/,
    rows: ['paths: a subresource of a kind without it'],
  },
  {
    what: 'What is not there is always a `Status` in JSON.',
    why: 'A cluster answers plain text where it knows no such path at all, which clients have to guess from.',
    at: /^(headers\.content-type|body)$/,
    rows: [
      'discovery: a group that nobody has',
      'open-api: a document of nobody',
      'paths: the root of nothing',
      'paths: a kind of ours that nobody has',
      'paths: an object of a kind that nobody has',
      'paths: our kind inside a namespace',
    ],
  },
  {
    what: 'A verb that is not for the path is a 405, whatever the body.',
    why: 'A cluster looks at the body first for custom resources, and knows no path of a namespaced kind without a namespace.',
    at: /^(code|body\.(reason|code|details))$/,
    rows: [
      'paths: PUT on a collection of ours',
      'paths: PATCH on a collection of ours',
      'paths: POST on an object of ours',
      'paths: GET of a name in no namespace',
    ],
  },
  {
    what: 'A 405 names the resource in its details.',
    why: 'It says what refused the verb.',
    at: /^body\.details(\.kind|\.group)?$/,
    rows: [
      'paths: PUT on a collection',
      'paths: PUT on a collection of ours',
      'paths: PATCH on a collection of ours',
      'paths: POST on an object',
      'paths: POST on an object of ours',
      'paths: POST in no namespace',
      'paths: DELETE in no namespace',
      'paths: GET of a name in no namespace',
      'paths: a verb of nobody',
      'deleting: delete all namespaces',
    ],
  },
  {
    what: 'Discovery answers GET alone.',
    why: 'Nothing else makes sense of it.',
    at: /^(code|body)$/,
    rows: ['paths: POST to discovery'],
  },
  {
    what: 'HEAD is not answered.',
    why: 'No client of Kubernetes sends it.',
    at: /^(code|headers\.content-type|headers\.cache-control)$/,
    rows: ['paths: HEAD of a collection'],
  },
  {
    what: 'A 401 says `WWW-Authenticate: Bearer`.',
    why: 'RFC 9110 asks for it.',
    at: /^headers\.www-authenticate$/,
    rows: 'anywhere',
  },
]
