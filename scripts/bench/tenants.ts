import { apiVersion, askAnnotations } from '@pulse/api'
import { type Bench, isReady, until } from './pulse.ts'

export interface TenantSpec {
  readonly hosting: 'instance' | 'pool'
  readonly idleTimeout?: string
}

/** Makes a tenant of this name; resolves when it is ready. */
export async function createTenant(
  { objects }: Bench,
  name: string,
  { hosting, idleTimeout }: TenantSpec,
) {
  await objects.create(
    {
      apiVersion,
      kind: 'PLANAClient',
      metadata: { name },
      spec: {
        subdomain: name,
        projectId: 1,
        tier: hosting === 'instance' ? 'pro' : 'starter',
        hosting,
        ownerEmail: 'owner@example.com',
        ownerName: name,
        ...(idleTimeout !== undefined && { sleep: { idleTimeout } }),
      },
    },
    { fieldManager: 'bench' },
  )
  await until(`${name} is ready`, async () => {
    const object = await objects.get({ apiVersion, kind: 'PLANAClient', name })
    return isReady(object) ? true : undefined
  })
}

/** As an operator asks for it. */
export async function putToSleep({ objects }: Bench, name: string) {
  const annotations = { [askAnnotations.sleepAt]: new Date().toISOString() }
  await objects.patch(
    { apiVersion, kind: 'PLANAClient', name },
    { type: 'merge', patch: { metadata: { annotations } } },
    { fieldManager: 'bench' },
  )
}

/** Resolves when an instance has no process any more. */
export async function untilAsleep({ objects }: Bench, name: string) {
  const query = { apiVersion: 'v1', kind: 'Pod', namespace: `instance-${name}` }
  await until(
    `${name} sleeps`,
    async () => ((await objects.list(query)).items.some(isWorker) ? undefined : true),
    20,
  )
}

/** Whether a pod is a worker of a tenant or of a pool. */
export function isWorker({ metadata }: { readonly metadata: { readonly name: string } }): boolean {
  return /^(odoo|worker)-/.test(metadata.name)
}
