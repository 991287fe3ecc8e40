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
  const login = { login: decode(secret, 'login'), password: decode(secret, 'password') }
  if (login.login !== '' && login.password !== '') return login
  // The Secret is there from the beginning, and empty: who makes the database fills it.
  throw new CommandError(`${environment} is not ready yet: it gets its login with its database`)
}

function decode(secret: KubeObject | undefined, key: string): string {
  return Buffer.from(String(valueAt(secret?.data, key) ?? ''), 'base64').toString()
}
