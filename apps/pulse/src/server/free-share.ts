import { statfs } from 'node:fs/promises'

/**
 * Free share of the disk that holds PostgreSQL's data, 0 to 1. Of an external server (no folder) nothing can be known
 * from here: its own watch has to warn, and filling is not held up by a disk that is not its.
 */
export async function freeShare(dataFolder: string | undefined): Promise<number | undefined> {
  if (dataFolder === undefined) return undefined
  const { bavail, blocks } = await statfs(dataFolder)
  return bavail / blocks
}
