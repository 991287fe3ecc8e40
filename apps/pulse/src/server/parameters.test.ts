import { createKinds } from '@pulse/api'
import { afterEach, expect, test, vi } from 'vitest'
import { readConfig } from '../config.ts'
import { kindOptions } from './parameters.ts'

afterEach(() => vi.unstubAllEnvs())

test('configured labels and domains are kept from tenants', async () => {
  vi.stubEnv('PLANA_RESERVED_LABELS', 'crown')
  vi.stubEnv('PLANA_PLATFORM_DOMAINS', 'planapulse.ai')
  const { findKind } = await createKinds(kindOptions(readConfig()))
  const client = {
    apiVersion: 'planapulse.com/v1alpha1',
    kind: 'PLANAClient',
    metadata: { name: 'crown' },
    spec: {
      subdomain: 'crown',
      projectId: 0,
      ownerEmail: 'owner@crown.example',
      ownerName: 'Crown',
      aliases: ['shop.planapulse.ai'],
    },
  }
  const kind = findKind(client.apiVersion, client.kind)
  const fields = kind.validate(kind.setDefaults(client), undefined).map(({ field }) => field)
  expect(fields).toEqual(['spec.subdomain', 'spec.aliases[0]'])
})
