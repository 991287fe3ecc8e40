import { join } from 'node:path'
import type { ClaimFolders } from './volumes.ts'

/** Claims as the machine's claim controller lays them out: `{root}/{namespace}/{claim}`. */
export function claimFoldersIn(root: string): ClaimFolders {
  return { pathOf: (namespace, claim) => join(root, namespace, claim) }
}
