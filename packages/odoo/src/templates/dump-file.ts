import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { FinalError } from '../final-error.ts'

/** How a dump was written: by `pg_dump -Fc`, as plain SQL, or as the archive of Odoo's own database manager. */
export type DumpFormat = 'custom' | 'plain' | 'zip'

/** Told by the first bytes, not by the name. */
export async function dumpFormat(path: string): Promise<DumpFormat> {
  const file = await open(path).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
  try {
    const { buffer } = await file.read(Buffer.alloc(5), 0, 5, 0)
    const head = buffer.toString('latin1')
    if (head === 'PGDMP') return 'custom'
    if (head.startsWith('PK')) return 'zip'
    if (head.startsWith('\x1f\x8b')) {
      throw new FinalError(`${path} is compressed: unpack it first (gunzip)`)
    }
    return 'plain'
  } finally {
    await file.close()
  }
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
  return hash.digest('hex')
}

function unreadable(path: string, cause: unknown): FinalError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new FinalError(`cannot read the dump ${path}: ${reason}`, { cause })
}
