import { chownSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { recordOf } from '@pulse/api'
import { uidAnnotation } from '../namespace-uid.ts'
import { ConfigError } from './config-error.ts'
import type { RunnerContext } from './context.ts'
import { textOf } from './fields.ts'
import type { Pod } from './pod.ts'

/** Never a user that the machine's own software may have. */
const lowestUser = 1000

/**
 * The user a pod runs as; undefined: our own, where we cannot choose. `runAsUser` is of the image's own world, in
 * which all tenants may have the same number: here the Namespace decides, as it does in OpenShift.
 */
export async function userOf(context: RunnerContext, pod: Pod): Promise<number | undefined> {
  if (!context.isolation.ownUsers) return undefined
  const ref = { apiVersion: 'v1', kind: 'Namespace', name: pod.namespace }
  const namespace = await context.objects.get(ref)
  const given = Number(textOf(recordOf(namespace?.metadata.annotations)[uidAnnotation]))
  if (Number.isInteger(given) && given >= lowestUser) return given
  throw new ConfigError(`namespace "${pod.namespace}" has no user yet (${uidAnnotation})`)
}

/** A home for a user without an entry in passwd; `/` where it could not reach one. */
export function makeHome(folder: string, user: number | undefined): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (user === undefined) return folder
  chownSync(folder, user, user)
  return isReachable(folder) ? folder : '/'
}

/** Whether anyone may pass through all folders above this one. */
export function isReachable(path: string): boolean {
  for (let at = dirname(path); at !== dirname(at); at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false
  }
  return true
}
