import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export interface StoredFile {
  readonly storeName: string
  readonly checksum: string
  readonly sizeBytes: number
}

/** The content-addressed folder beside each database: `filestore/{database}/{2 digits}/{SHA-1}`. */
export interface Filestore {
  /** Streams into the store; equal contents share one file, which is never written again. */
  add(database: string, content: AsyncIterable<Buffer>): Promise<StoredFile>
  /** Undefined where there is no such file, or the name is not one of ours. */
  open(
    database: string,
    storeName: string,
  ): Promise<{ sizeBytes: number; stream: Readable } | undefined>
}

export function createFilestore(dataDir: string): Filestore {
  const folderOf = (database: string) => join(dataDir, 'filestore', database)

  return {
    async add(database, content) {
      const folder = folderOf(database)
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const draft = join(folder, `.upload-${randomBytes(8).toString('hex')}`)
      const hash = createHash('sha1')
      let sizeBytes = 0

      try {
        await pipeline(
          content,
          async function* measured(source: AsyncIterable<Buffer>) {
            for await (const chunk of source) {
              hash.update(chunk)
              sizeBytes += chunk.length
              yield chunk
            }
          },
          createWriteStream(draft, { mode: 0o600 }),
        )
        const checksum = hash.digest('hex')
        const storeName = `${checksum.slice(0, 2)}/${checksum}`
        await mkdir(join(folder, checksum.slice(0, 2)), { recursive: true, mode: 0o700 })
        await rename(draft, join(folder, storeName))
        return { storeName, checksum, sizeBytes }
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
    },

    async open(database, storeName) {
      if (!/^[0-9a-f]{2}\/[0-9a-f]{40}$/.test(storeName)) return undefined
      const path = join(folderOf(database), storeName)
      const found = await stat(path).catch(() => undefined)
      if (!found?.isFile()) return undefined
      return { sizeBytes: found.size, stream: createReadStream(path) }
    },
  }
}
