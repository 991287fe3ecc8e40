import { type KubeObject, StatusError } from '@pulse/api'
import type { ListQuery, ListResult } from '../objects.ts'
import type { Answer } from './answer.ts'
import type { ResourceCall } from './call.ts'
import { refuseContradictions } from './list-options.ts'
import { type Form, formOf } from './negotiation.ts'
import { selectionOf } from './object-ref.ts'
import { countOf, isSet } from './query.ts'
import { bookmarkBody, objectBody } from './representation.ts'
import { expectedError, statusBody } from './status-body.ts'

const defaultSeconds = 1800
const longestSeconds = 24 * 3600
const bookmarkSeconds = 60
const pageSize = 500

/**
 * Changes as JSON lines. A watch from nowhere, or with `sendInitialEvents`, begins with what there is, page by page,
 * and goes on from that list's version. It ends with the client, its time, or an ERROR event.
 */
export async function watchObjects(call: ResourceCall): Promise<Answer> {
  const { query, server } = call
  const form = streamFormOf(call)
  refuseContradictions(query, { isWatch: true })
  const seconds = Math.min(countOf(query, 'timeoutSeconds') || defaultSeconds, longestSeconds)
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(seconds * 1000)])
  const version = query.get('resourceVersion') || '0'
  const wantsInitial = isSet(query, 'sendInitialEvents')
  const isTold = wantsInitial || !query.has('sendInitialEvents')
  const hasBookmarks = isSet(query, 'allowWatchBookmarks')

  // Asked before the first byte, so that a bad selector is a plain 400.
  const selection = selectionOf(call)
  const first =
    wantsInitial || version === '0'
      ? await server.objects.list({ ...selection, limit: pageSize })
      : undefined
  const changes = server.objects.watch({
    ...selection,
    resourceVersion: first?.resourceVersion ?? version,
    signal,
    ...(hasBookmarks && { bookmarkSeconds }),
  })

  async function* lines(): AsyncGenerator<string> {
    const line = lineWriter(call, form)
    try {
      if (first && isTold)
        for await (const object of allPages(call, selection, first)) yield line('ADDED', object)
      if (first && wantsInitial && hasBookmarks)
        yield line('BOOKMARK', initialEventsEnd(call, first.resourceVersion))
      for await (const { type, object } of changes) yield line(type, object)
    } catch (error) {
      if (signal.aborted) return
      yield `${JSON.stringify({ type: 'ERROR', object: statusBody(expectedError(error, server.log)) })}\n`
    }
  }
  return { code: 200, contentType: 'application/json', body: lines() }
}

/** Events follow each other as lines of JSON; YAML has no such form. */
function streamFormOf({ headers }: ResourceCall): Form {
  const form = formOf(headers.accept)
  if (form.encoding === 'json') return form
  throw new StatusError(
    'NotAcceptable',
    'only the following media types are accepted: application/json',
  )
}

async function* allPages(
  { server }: ResourceCall,
  selection: ListQuery,
  first: ListResult,
): AsyncGenerator<KubeObject> {
  for (let page = first; ; ) {
    yield* page.items
    if (page.continue === undefined) return
    page = await server.objects.list({ ...selection, limit: pageSize, continue: page.continue })
  }
}

function lineWriter(call: ResourceCall, form: Form) {
  let withColumns = true
  return (type: string, object: KubeObject): string => {
    // A bookmark is nobody's.
    const { name, ...metadata } = object.metadata
    const body =
      type === 'BOOKMARK'
        ? bookmarkBody(call, form, metadata)
        : objectBody(call, form, object, { withColumns })
    if (type !== 'BOOKMARK') withColumns = false
    return `${JSON.stringify({ type, object: body })}\n`
  }
}

/** Tells a client that it has seen everything there was (KEP-3157). */
function initialEventsEnd({ definition }: ResourceCall, resourceVersion: string): KubeObject {
  return {
    apiVersion: definition.version,
    kind: definition.kind,
    metadata: {
      name: '',
      resourceVersion,
      annotations: { 'k8s.io/initial-events-end': 'true' },
    },
  }
}
