import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** Makes a folder and those above it that are missing with exactly this mode, whatever the umask (a service's is 077). */
export function makeExactFolder(path: string, mode: number): void {
  if (existsSync(path)) return
  makeExactFolder(dirname(path), mode)
  mkdirSync(path)
  chmodSync(path, mode)
}
