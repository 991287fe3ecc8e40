import { randomBytes } from 'node:crypto'
import { backendSecret } from '@pulse/api'
import type { TaskContext } from './task.ts'

/** At least as long as the digest it is used with (RFC 2104). */
const keyBytes = 32

/** Gives the workers of a namespace the key by which they know that they are meant; one that is there stays. */
export async function giveBackendKey(
  { results }: Pick<TaskContext, 'results'>,
  namespace: string,
): Promise<void> {
  const target = { namespace, name: backendSecret.name }
  const known = (await results.getSecret(target))?.[backendSecret.key]
  if (known !== undefined && known !== '') return
  await results.applySecret(target, { [backendSecret.key]: randomBytes(keyBytes).toString('hex') })
}
