import { clientLabel, environmentNames, machineDomains } from '@pulse/api'
import { createTestCommand } from './pulse-command.suite.ts'

const apiVersion = 'planapulse.com/v1alpha1'
const ref = { apiVersion, kind: 'TenantEnvironment', name: 'acme-prod' }
const claimed = { type: 'DatabaseReady', status: 'True', reason: 'Claimed' }
const working = { type: 'WorkersReady', status: 'True', reason: 'Available' }

const client = {
  apiVersion,
  kind: 'PLANAClient',
  metadata: { name: 'acme' },
  spec: { subdomain: 'acme', projectId: 1, ownerEmail: 'a@acme.bg', ownerName: 'Acme' },
}

/** `pulse` on a tenant acme, whose workers take requests. */
export async function servedTenant(
  hosting: 'pool' | 'instance' = 'instance',
  conditions: readonly object[] = [claimed, working],
) {
  const command = createTestCommand()
  const write = { fieldManager: 'test' }
  await command.store.create(client, write)
  const identity = { client: 'acme', name: 'prod', odooVersion: '18', hosting } as const
  const made = await command.store.create(
    {
      apiVersion,
      kind: 'TenantEnvironment',
      metadata: { name: 'acme-prod', labels: { [clientLabel]: 'acme' } },
      spec: identity,
    },
    write,
  )
  const { namespace, service } = environmentNames(identity, machineDomains)
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'odoo', namespace, labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['127.0.0.1'] }],
    ports: [{ name: 'http', port: 8069 }],
  }
  await command.store.create(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    write,
  )
  await command.store.create(slice, write)
  await command.store.update(
    { ...made, status: { conditions } },
    { ...write, subresource: 'status' },
  )
  const annotations = async () => (await command.store.get(ref))?.metadata.annotations ?? {}
  return { ...command, annotations }
}
