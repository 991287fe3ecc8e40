import { createHash } from 'node:crypto'
import { existsSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { makeExactFolder } from './exact-folder.ts'

const memory = '/dev/shm'

/**
 * Where the files of Secrets lie: in memory, so that they never reach a disk, under a name of this state directory.
 * A folder there that is not ours alone to write is not trusted: then the state directory has to do.
 */
export function secretsFolderOf(stateDir: string, podsFolder: string): string {
  if (!existsSync(memory)) return podsFolder
  const name = createHash('sha256').update(stateDir).digest('hex').slice(0, 16)
  const folder = join(memory, `pulse-${name}`)
  try {
    makeExactFolder(folder, 0o711)
    const { mode, uid } = lstatSync(folder)
    const isOurs = uid === process.getuid?.() && (mode & 0o170_022) === 0o040_000
    return isOurs ? folder : podsFolder
  } catch {
    return podsFolder
  }
}
