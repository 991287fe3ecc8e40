import { X509Certificate } from 'node:crypto'
import { watch } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { Log } from '@pulse/api'
import type { Certificates } from './certificates.ts'

export interface CertificateFiles extends Certificates {
  /** Reads the folder again; it is read by itself when something changes there, and now and then. */
  reload(): Promise<void>
  close(): void
}

export interface CertificateFilesOptions {
  /** Holds `NAME.crt` (PEM, with its chain) and `NAME.key`; `_.example.com` is any name right below example.com. */
  readonly directory: string
  readonly log: Log
  /** The longest until a change is seen that the folder does not tell of: of a file behind a link. */
  readonly againMs?: number
}

interface Pair {
  /** Both files as they were read, to know whether anything has changed. */
  readonly text: string
  readonly context: SecureContext
  readonly expiresAt: Date
}

const filesMax = 10_000

/** Renewals write several files one after the other. */
const settleMs = 200

const defaultAgainMs = 300_000
const dayMs = 86_400_000
/** Whoever renews them has done so by then; said once a day. */
const warnBeforeMs = 14 * dayMs

/** Certificates from a folder. A pair that cannot be used is named in the log, and the one before it stays in use. */
export async function openCertificateFiles(
  options: CertificateFilesOptions,
): Promise<CertificateFiles> {
  const { directory, log } = options
  let pairs: ReadonlyMap<string, Pair> = new Map()
  let reading = Promise.resolve()
  let warnedAt = Number.NEGATIVE_INFINITY

  async function read() {
    const files = await readdir(directory)
    const names = files.filter((file) => file.endsWith('.crt')).slice(0, filesMax)
    const next = new Map<string, Pair>()
    for (const file of names) {
      const name = file.slice(0, -'.crt'.length).toLowerCase()
      const before = pairs.get(name)
      try {
        next.set(name, await readPair(join(directory, file), before))
      } catch (error) {
        log.error({ err: error, file }, 'certificate cannot be used')
        if (before !== undefined) next.set(name, before)
      }
    }
    pairs = next
    if (Date.now() - warnedAt >= dayMs) warnOfEnds()
  }

  function warnOfEnds() {
    warnedAt = Date.now()
    for (const [name, { expiresAt }] of pairs) {
      const leftMs = expiresAt.getTime() - Date.now()
      if (leftMs > warnBeforeMs) continue
      const file = `${name}.crt`
      if (leftMs > 0) log.warn({ file, expiresAt }, 'certificate expires soon')
      else log.error({ file, expiresAt }, 'certificate has expired')
    }
  }

  /** One reading after the other: the last to end is the last that was begun. */
  function reload(): Promise<void> {
    reading = reading.then(read).catch((error: unknown) => {
      log.error({ err: error, directory }, 'certificates cannot be read')
    })
    return reading
  }

  await reload()
  let settling: NodeJS.Timeout | undefined
  const watcher = watch(directory, { persistent: false }, () => {
    clearTimeout(settling)
    settling = setTimeout(reload, settleMs)
  })
  const again = setInterval(reload, options.againMs ?? defaultAgainMs).unref()
  watcher.on('error', (error) => log.warn({ err: error, directory }, 'certificates not watched'))

  return {
    find: (host) => (pairs.get(host) ?? pairs.get(host.replace(/^[^.]+/, '_')))?.context,
    reload,
    close() {
      clearTimeout(settling)
      clearInterval(again)
      watcher.close()
    },
  }
}

/** Throws when the key is not that of the certificate, or when either cannot be read. */
async function readPair(path: string, before: Pair | undefined): Promise<Pair> {
  const cert = await readFile(path, 'utf8')
  const key = await readFile(path.replace(/crt$/, 'key'), 'utf8')
  const text = cert + key
  if (before?.text === text) return before
  const { validTo } = new X509Certificate(cert)
  const context = createSecureContext({ cert, key, minVersion: 'TLSv1.2' })
  const expiresAt = new Date(validTo)
  if (expiresAt.getTime() < Date.now()) throw new Error(`${path} has expired at ${validTo}`)
  return { text, context, expiresAt }
}
