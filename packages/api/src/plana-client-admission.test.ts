import { expect, test } from 'vitest'
import { admissionRefusals, ourKind, stored } from './legal-objects.suite.ts'

const kind = 'PLANAClient'
const environment = (name: string) => stored('TenantEnvironment', { name }, `acme-${name}`)
const upgrade = (conditions: object[]) => ({
  ...stored('TenantUpgrade', { toVersion: '19', strategy: 'snapshot-then-upgrade' }),
  apiVersion: 'planapulse.com/v1alpha1',
  kind: 'TenantUpgrade',
  metadata: { name: 'up' },
  status: { conditions },
})

test('tier starter is refused while there is a second environment', () => {
  const old = stored(kind, { tier: 'pro', hosting: 'pool', resources: 'free' })
  const after = stored(kind, { tier: 'starter' })
  const environments = [environment('prod'), environment('test')]
  expect(admissionRefusals(kind, after, { environments }, old)).toEqual([
    'spec.tier: tier starter has one environment, and there are 2: delete what is too many first',
  ])
  expect(admissionRefusals(kind, after, { environments: [environment('prod')] }, old)).toEqual([])
})

test('the version changes only by an upgrade that has been verified', () => {
  const old = stored(kind)
  const after = stored(kind, { odooVersion: '19' })
  const refused = ['spec.odooVersion: is changed only by a TenantUpgrade']
  const verified = { type: 'Verified', status: 'True', reason: 'X' }
  expect(admissionRefusals(kind, after, {}, old)).toEqual(refused)
  expect(admissionRefusals(kind, after, { upgrades: [upgrade([])] }, old)).toEqual(refused)
  expect(admissionRefusals(kind, after, { upgrades: [upgrade([verified])] }, old)).toEqual([])
  expect(
    admissionRefusals(
      kind,
      stored(kind, { odooVersion: '17' }),
      { upgrades: [upgrade([verified])] },
      old,
    ),
  ).toEqual(refused)
})

test('a name is taken as long as an environment of a former owner is there, and nobody is named', () => {
  expect(admissionRefusals(kind, stored(kind), { leftover: [environment('prod')] })).toEqual([
    'spec.subdomain: is already taken',
  ])
})

test('asks only for objects of its own client', () => {
  expect(ourKind(kind).admission?.requires(stored(kind))).toEqual({
    environments: {
      apiVersion: 'planapulse.com/v1alpha1',
      kind: 'TenantEnvironment',
      labels: { 'planapulse.com/client': 'acme' },
    },
    leftover: {
      apiVersion: 'planapulse.com/v1alpha1',
      kind: 'TenantEnvironment',
      name: 'acme-prod',
    },
    upgrades: {
      apiVersion: 'planapulse.com/v1alpha1',
      kind: 'TenantUpgrade',
      labels: { 'planapulse.com/slug': 'acme' },
    },
  })
})
