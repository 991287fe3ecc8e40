import { type KubeObject, valueAt } from '@pulse/api'
import { CommandError } from '../exit.ts'
import type { Cluster } from './context.ts'

export interface Login {
  readonly login: string
  readonly password: string
}

/** The administrator's login of an environment, from the Secret that its status names. */
export async function readLogin(cluster: Cluster, environment: string): Promise<Login> {
  const object = await cluster.get({
    apiVersion: 'planapulse.com/v1alpha1',
    kind: 'TenantEnvironment',
    name: environment,
  })
  const credentials = valueAt(object, 'status.credentials')
  const secret = await cluster.get({
    apiVersion: 'v1',
    kind: 'Secret',
    namespace: String(valueAt(credentials, 'namespace')),
    name: String(valueAt(credentials, 'name')),
  })
  if (!secret) throw new CommandError(`the login of ${environment} is not known yet`)
  return { login: decode(secret, 'login'), password: decode(secret, 'password') }
}

function decode(secret: KubeObject, key: string): string {
  return Buffer.from(String(valueAt(secret.data, key) ?? ''), 'base64').toString()
}
