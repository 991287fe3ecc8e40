import { type KubeObject, textAt } from '@pulse/api'
import type { TeardownStep } from '@pulse/engine'

/** How a customer goes: its environments first, so that its names are free only when nothing of it is left. */
export function clientTeardown(client: KubeObject): readonly TeardownStep[] {
  return [
    {
      name: 'environments',
      type: 'remove-all',
      of: { apiVersion: client.apiVersion, kind: 'TenantEnvironment' },
      where: (environment) => textAt(environment, 'spec.client') === client.metadata.name,
    },
  ]
}
