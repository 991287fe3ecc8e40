import type { IncomingHttpHeaders } from 'node:http'
import { normalisePath } from '../path.ts'
import { type AgentKind, agentOf } from './agents.ts'
import type { Monitors } from './monitors.ts'

/** The first line of a request. */
export interface RequestTarget {
  readonly method: string
  /** As it stands in the first line of the request. */
  readonly target: string
  /** Of the target, if it has been normalised already. */
  readonly path?: string
}

/** What the gateway knows beside the request itself. */
export interface ClassHints {
  /** Of the client, not of a proxy before us. */
  readonly clientAddress?: string
  readonly monitors?: Monitors
  /** The site is public and no search engine has seen it for so long that it would be dropped from the index. */
  readonly searchEnginesDue?: boolean
}

/** A request as the table sees it. */
export interface RequestTraits {
  readonly method: string
  /** Normalised; empty when the target has none that Odoo could read. */
  readonly path: string
  readonly query: string
  /** GET or HEAD: it asks and changes nothing. */
  readonly reads: boolean
  readonly upgradesToWebsocket: boolean
  readonly prefetches: boolean
  /** A browser's address bar, link or form; without Fetch Metadata, whoever wants HTML. */
  readonly navigates: boolean
  /** A script's request, by Fetch Metadata, the old header of libraries, or its JSON body. */
  readonly isScripted: boolean
  readonly submitsForm: boolean
  /** Part of a page or a mail: picture, style, script, font, sound. */
  readonly isEmbedded: boolean
  readonly fetchesWorker: boolean
  readonly agent: AgentKind | undefined
  readonly searchEnginesDue: boolean
}

/** Reads what decides on the class. Case of header values is folded where the standards say so. */
export function traitsOf(
  { method, target, path = normalisePath(target) }: RequestTarget,
  headers: IncomingHttpHeaders,
  hints: ClassHints,
): RequestTraits {
  const reads = method === 'GET' || method === 'HEAD'
  const mode = wordOf(headers['sec-fetch-mode'])
  const destination = wordOf(headers['sec-fetch-dest'])
  const accept = textOf(headers.accept)
  const type = mediaTypeOf(textOf(headers['content-type']))
  const isLibrary = headers['x-requested-with'] !== undefined
  return {
    method,
    path: path ?? '',
    query: queryOf(target),
    reads,
    upgradesToWebsocket: wordOf(headers.upgrade) === 'websocket',
    prefetches: reads && isPrefetch(headers),
    navigates:
      mode === '' ? accept.includes('text/html') && !isLibrary : isFrame(mode, destination),
    isScripted: mode === 'cors' || mode === 'same-origin' || isLibrary || isJson(type),
    submitsForm: !reads && formTypes.has(type),
    isEmbedded: embedded.has(destination) || (mode === '' && accept.startsWith('image/')),
    fetchesWorker: wordOf(headers['service-worker']) === 'script',
    agent: reads ? visitorOf(headers, hints) : undefined,
    searchEnginesDue: hints.searchEnginesDue === true,
  }
}

/** Monitors are the operator's word and count in any case; who carries a session or a login is no crawler. */
function visitorOf(headers: IncomingHttpHeaders, hints: ClassHints): AgentKind | undefined {
  const userAgent = textOf(headers['user-agent'])
  if (hints.monitors?.has(userAgent, hints.clientAddress)) return 'monitor'
  return hasCredentials(headers) ? undefined : agentOf(userAgent)
}

/** A session cookie or a login: a hint only, Odoo decides whether it is worth anything. */
export function hasCredentials(headers: IncomingHttpHeaders): boolean {
  return headers.authorization !== undefined || hasSession(headers)
}

function hasSession({ cookie }: IncomingHttpHeaders): boolean {
  return /(?:^|;)\s*session_id=[^;\s]/.test(textOf(cookie))
}

/**
 * Sends JSON or asks for it, and is no page's script: such a one is not told of a refusal in JSON (see `Wording`). Over
 * plain HTTP browsers leave out Fetch Metadata, but not where a POST comes from.
 */
export function isJsonProgram(headers: IncomingHttpHeaders): boolean {
  const isOfBrowser = ofBrowsers.some((name) => headers[name] !== undefined) || hasSession(headers)
  return !isOfBrowser && json.test(`${headers.accept ?? ''},${headers['content-type'] ?? ''}`)
}

const ofBrowsers = [
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-dest',
  'origin',
  'x-requested-with',
]
/** Of media types, among them `application/json-rpc` and `application/problem+json`. */
const json = /[/+]json\b/i

/** `object` and `embed` are viewers within a page; a waiting page in them would be no document they can show. */
function isFrame(mode: string, destination: string): boolean {
  return mode === 'navigate' && destination !== 'object' && destination !== 'embed'
}

function isPrefetch(headers: IncomingHttpHeaders): boolean {
  const purposes = [headers['sec-purpose'], headers.purpose, headers['x-moz'], headers['x-purpose']]
  return purposes.some((purpose) => /^\s*(prefetch|prerender|preview)\b/i.test(textOf(purpose)))
}

const formTypes = new Set(['application/x-www-form-urlencoded', 'multipart/form-data'])
const embedded = new Set([
  'image',
  'style',
  'script',
  'font',
  'audio',
  'video',
  'track',
  'manifest',
])

function isJson(type: string): boolean {
  return type === 'application/json' || type === 'application/json-rpc'
}

function mediaTypeOf(value: string): string {
  return (value.split(';', 1)[0] ?? '').trim().toLowerCase()
}

function queryOf(target: string): string {
  const at = target.indexOf('?')
  return at === -1 ? '' : (target.slice(at + 1).split('#', 1)[0] ?? '')
}

function wordOf(value: string | readonly string[] | undefined): string {
  return textOf(value).trim().toLowerCase()
}

function textOf(value: string | readonly string[] | undefined): string {
  return typeof value === 'string' ? value : (value?.join(', ') ?? '')
}
