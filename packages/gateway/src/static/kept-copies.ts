import type { IncomingHttpHeaders } from 'node:http'
import { type KeepableKind, keptHeadersOf, mayKeep, type ResponseHead } from './keeping-rules.ts'
import { createKeptEntries, type Entry, type EntryLimits } from './kept-entries.ts'
import { keptKindOf } from './kept-kinds.ts'
import { createKeptSinks, type KeptSink, type SinkLimits } from './kept-sinks.ts'
import { isPlain, splitTarget } from './plain-target.ts'
import { isNotModified } from './preconditions.ts'

export type KeptLimits = EntryLimits & SinkLimits

export const defaultKeptLimits: KeptLimits = {
  bytes: 64 * 1024 * 1024,
  bytesPerEnvironment: 16 * 1024 * 1024,
  entriesPerEnvironment: 200,
  bytesPerEntry: 8 * 1024 * 1024,
  bytesComing: 16 * 1024 * 1024,
}

/** What is asked for. */
export interface KeptRequest {
  readonly method: string
  readonly target: string
  readonly headers: IncomingHttpHeaders
}

/** A copy as it is sent. */
export interface KeptAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Empty for HEAD and 304. */
  readonly body: Buffer
}

export interface KeptLogo {
  readonly mediaType: string
  readonly bytes: Buffer
}

/**
 * Unchanging public answers of tenants, kept in bounded memory and taken from what passes by. An environment's are
 * served whether it is awake or asleep, and never for another one.
 */
export interface KeptCopies {
  /** `asleep` admits what may have changed since and was given by Odoo last, such as robots.txt. */
  find(environment: string, request: KeptRequest, asleep?: boolean): KeptAnswer | undefined
  /** Of the tenant's main company, for the waiting page. */
  logo(environment: string, host: string): KeptLogo | undefined
  /** Undefined for what is not to be kept, which is most. */
  offer(environment: string, request: KeptRequest, head: ResponseHead): KeptSink | undefined
  /** Forgets all of an environment's, those still coming in too: its database is another one now, or gone. */
  empty(environment: string): void
  /** Of bodies, each once, and of all that is kept around them. */
  readonly bytes: number
}

/** `now`: monotonic milliseconds. */
export function createKeptCopies(
  now: () => number,
  limits: KeptLimits = defaultKeptLimits,
): KeptCopies {
  const entries = createKeptEntries(limits)
  const sinks = createKeptSinks(limits)

  function fresh(environment: string, key: string): Entry | undefined {
    const entry = entries.find(environment, key)
    if (entry === undefined || now() - entry.keptAtMs <= entry.goodForMs) return entry
    entries.drop(environment, entry)
    return undefined
  }

  return {
    find(environment, request, asleep = false) {
      const asked = askedFor(request)
      if (asked === undefined || asked.kind === 'logo') return undefined
      if (asked.kind === 'copy' && !asleep) return undefined
      const entry = fresh(environment, asked.key) ?? fresh(environment, asked.encodedKey)
      return entry && answerOf(entry, request, now() - entry.keptAtMs)
    },

    logo(environment, host) {
      const asked = askedFor({ method: 'GET', target: '/logo.png', headers: { host } })
      const entry = asked && fresh(environment, asked.key)
      if (entry === undefined) return undefined
      const mediaType = (entry.headers['content-type'] ?? '').split(';', 1)[0] ?? ''
      return { mediaType, bytes: entry.body.bytes }
    },

    offer(environment, request, head) {
      const asked = request.method === 'GET' ? askedFor(request) : undefined
      if (asked === undefined || !mayKeep(asked.kind, request.headers, head)) return undefined
      const { headers, status } = head
      const key = headers['content-encoding'] === undefined ? asked.key : asked.encodedKey
      const onWhole = (bytes: Buffer) =>
        entries.keep(environment, {
          key,
          status,
          headers: keptHeadersOf(headers),
          bytes,
          keptAtMs: now(),
          goodForMs: goodForMs[asked.kind],
        })
      return sinks.open({ environment, key, length: lengthOf(headers), onWhole })
    },

    empty(environment) {
      sinks.close(environment)
      entries.empty(environment)
    },

    get bytes() {
      return entries.bytes
    },
  }
}

/** Longer than any that Odoo writes; who asks for more is answered by Odoo. */
const keyLengthMax = 1_000

const day = 86_400_000

/** Odoo does not check the hash of a picture, and a public one may become private. */
const goodForMs: Readonly<Record<KeepableKind, number>> = {
  bundle: Number.POSITIVE_INFINITY,
  unique: day,
  copy: 7 * day,
  logo: 30 * day,
}

interface Asked {
  readonly kind: KeepableKind
  /** For a body that anybody can read. */
  readonly key: string
  /** For a body encoded as this client accepts it. */
  readonly encodedKey: string
}

function askedFor({ method, target, headers }: KeptRequest): Asked | undefined {
  if ((method !== 'GET' && method !== 'HEAD') || headers.range !== undefined) return undefined
  const split = splitTarget(target)
  const kind = keptKindOf(split.path, split.query)
  if (kind === undefined || kind === 'static' || !isPlain(split)) return undefined
  const key = `${headers.host?.toLowerCase()} ${split.path}?${split.query}`
  const encodedKey = `${key} ${headers['accept-encoding'] ?? ''}`
  return encodedKey.length > keyLengthMax ? undefined : { kind, key, encodedKey }
}

function lengthOf(headers: IncomingHttpHeaders): number | undefined {
  const length = headers['content-length']
  return length === undefined ? undefined : Number(length)
}

function answerOf(entry: Entry, request: KeptRequest, ageMs: number): KeptAnswer {
  const { etag, 'last-modified': lastModified } = entry.headers
  const version = {
    etag,
    lastModifiedMs: lastModified === undefined ? undefined : Date.parse(lastModified),
  }
  const headers = { ...entry.headers, age: String(Math.floor(ageMs / 1_000)) }
  const { bytes } = entry.body
  if (entry.status === 200 && isNotModified(request.headers, version)) {
    return { status: 304, headers, body: nothing }
  }
  return {
    status: entry.status,
    headers: { ...headers, 'content-length': String(bytes.length) },
    body: request.method === 'HEAD' ? nothing : bytes,
  }
}

const nothing = Buffer.alloc(0)
