import { constants, type FileHandle, open, readlink } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { basename, join } from 'node:path'
import type { Readable } from 'node:stream'
import { adler32 } from './adler32.ts'
import { contentTypeOf } from './content-types.ts'
import { isPlain, splitTarget } from './plain-target.ts'
import { isNotModified, rangeOf, type Version } from './preconditions.ts'
import { isTrusted, type StaticSource } from './static-folders.ts'

export interface StaticRequest {
  readonly method: string
  readonly target: string
  readonly headers: IncomingHttpHeaders
}

export interface StaticAnswer {
  readonly status: 200 | 206 | 304 | 416
  readonly headers: Readonly<Record<string, string>>
  /** To be read to its end or destroyed; none for HEAD, 304 and 416. */
  readonly body: Readable | undefined
}

/** Serves `/<module>/static/…` from the runtime's own files, as Odoo would answer. */
export interface StaticFiles {
  /** Undefined for all that is Odoo's to answer: other paths, other methods, a module of its own, a missing file. */
  answer(environment: string, request: StaticRequest): Promise<StaticAnswer | undefined>
}

export interface StaticFilesOptions {
  readonly source: StaticSource
  /** Users whose files are believed: root, and whoever runs Pulse without it. */
  readonly owners?: readonly number[]
  /** Epoch milliseconds. */
  readonly now: () => number
}

export function createStaticFiles({ source, owners = [0], now }: StaticFilesOptions): StaticFiles {
  return {
    async answer(environment, { method, target, headers }) {
      if (method !== 'GET' && method !== 'HEAD') return undefined
      const file = await fileOf(target, environment, source)
      if (file === undefined) return undefined
      const opened = await openFile(file, owners)
      if (opened === undefined) return undefined
      const answer = answerFor(opened, { file, headers, nowMs: now() })
      const { first, last } = answer
      if (method === 'HEAD' || first === undefined || first > last) {
        await opened.handle.close()
        return { ...answer.head, body: undefined }
      }
      return { ...answer.head, body: opened.handle.createReadStream({ start: first, end: last }) }
    },
  }
}

/** A week, as Odoo says. */
const maxAgeSeconds = 604_800

async function fileOf(
  target: string,
  environment: string,
  source: StaticSource,
): Promise<string | undefined> {
  const split = splitTarget(target)
  const [, module, rest = ''] = staticPath.exec(split.path) ?? []
  if (module === undefined || !isPlain(split)) return undefined
  const folder = (await source.foldersOf(environment))?.get(module)
  return folder === undefined ? undefined : join(folder, rest)
}

/** No hidden files; `isPlain` leaves nothing that leads out of the folder. */
const staticPath = /^\/([a-z0-9_]+)\/static\/((?:[^/.][^/]*\/)*[^/.][^/]*)$/

interface Opened {
  readonly handle: FileHandle
  readonly size: number
  readonly mtimeMs: number
}

/** Checks what has been opened and not what is there a moment later: no link may lead elsewhere. */
async function openFile(file: string, owners: readonly number[]): Promise<Opened | undefined> {
  const handle = await openOrNone(file)
  if (handle === undefined) return undefined
  const [stats, realPath] = await Promise.all([
    handle.stat(),
    readlink(`/proc/self/fd/${handle.fd}`).catch(() => undefined),
  ])
  if (stats.isFile() && realPath === file && isTrusted(stats, owners)) {
    return { handle, size: stats.size, mtimeMs: stats.mtimeMs }
  }
  await handle.close()
  return undefined
}

async function openOrNone(file: string): Promise<FileHandle | undefined> {
  try {
    // Never waits, as a FIFO would make it.
    return await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    return undefined
  }
}

/** Head of the answer, and which bytes of the file make its body. */
function answerFor(
  { size, mtimeMs }: Opened,
  { file, headers, nowMs }: { file: string; headers: IncomingHttpHeaders; nowMs: number },
) {
  const version = versionOf(file, size, mtimeMs)
  const type = contentTypeOf(file)
  const name = basename(file)
  const about = {
    'Content-Disposition': `inline; filename=${/^[\w.+-]+$/.test(name) ? name : `"${name}"`}`,
    'Cache-Control': `public, max-age=${maxAgeSeconds}`,
    Expires: new Date(nowMs + maxAgeSeconds * 1_000).toUTCString(),
    ETag: version.etag,
    'X-Content-Type-Options': 'nosniff',
    ...(type.startsWith('image/') && { 'Content-Security-Policy': "default-src 'none'" }),
  }
  if (isNotModified(headers, version)) return headOnly(304, about)
  const range = rangeOf(headers, size, version)
  if (range === 'unsatisfiable') {
    return headOnly(416, { 'Content-Range': `bytes */${size}`, 'Content-Length': '0' })
  }
  const { first, last } = range ?? { first: 0, last: size - 1 }
  const whole = {
    ...about,
    'Content-Type': type,
    'Content-Length': String(last - first + 1),
    'Last-Modified': new Date(mtimeMs).toUTCString(),
    'Accept-Ranges': 'bytes',
  }
  if (range === undefined) return { head: { status: 200, headers: whole } as const, first, last }
  const part = { ...whole, 'Content-Range': `bytes ${first}-${last}/${size}` }
  return { head: { status: 206, headers: part } as const, first, last }
}

function headOnly<Status extends number>(status: Status, headers: Record<string, string>) {
  return { head: { status, headers }, first: undefined, last: 0 }
}

/** Odoo's own tag, so that a browser may ask either of us. */
function versionOf(file: string, size: number, mtimeMs: number): Version & { etag: string } {
  const etag = `"${Math.floor(mtimeMs / 1_000)}-${size}-${adler32(file)}"`
  return { etag, lastModifiedMs: mtimeMs }
}
