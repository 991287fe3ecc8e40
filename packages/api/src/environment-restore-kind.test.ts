import { describe, expect, test } from 'vitest'
import { admissionRefusals, deleting, refusals, stored } from './legal-objects.suite.ts'

const kind = 'EnvironmentRestore'
const inPlace = { mode: 'in-place', target: undefined, acceptDataLoss: true }

describe('each mode has what it needs and nothing else', () => {
  test.each<[object, readonly string[]]>([
    [{}, []],
    [inPlace, []],
    [{ target: undefined }, ['spec.target: is required for mode clone']],
    [{ target: 'prod' }, ['spec.target: must not be prod']],
    [
      { acceptDataLoss: true },
      ['spec.acceptDataLoss: must be false for mode clone, which loses nothing'],
    ],
    [
      { ...inPlace, acceptDataLoss: false },
      [
        'spec.acceptDataLoss: must be true for mode in-place: what was written since the backup is lost',
      ],
    ],
    [{ ...inPlace, target: 'test' }, ['spec.target: is for mode clone only']],
    [{ mode: 'swap' }, ['spec.mode: must be one of "clone", "in-place"']],
  ])('%j', (spec, expected) => {
    expect(refusals(kind, stored(kind, spec))).toEqual(expected)
  })
})

test('nothing of it ever changes', () => {
  const after = stored(kind, { backup: '20261121T020000' })
  expect(refusals(kind, after, stored(kind))).toEqual(['spec: is immutable'])
})

describe('admission', () => {
  const client = stored('PLANAClient', { tier: 'pro' })
  const prod = stored('TenantEnvironment', { name: 'prod' }, 'acme-prod')

  test('in place needs the environment to stay', () => {
    const restore = stored(kind, inPlace)
    expect(admissionRefusals(kind, restore, { environment: [prod] })).toEqual([])
    expect(admissionRefusals(kind, restore, {})).toEqual([
      'spec.environment: must be an existing TenantEnvironment',
    ])
    expect(admissionRefusals(kind, restore, { environment: [deleting(prod)] })).toEqual([
      'spec.environment: is being deleted',
    ])
  })

  test('a clone needs a client that may have one more, and a name that is free', () => {
    const restore = stored(kind)
    expect(admissionRefusals(kind, restore, { client: [client] })).toEqual([])
    expect(admissionRefusals(kind, restore, {})).toEqual([
      'spec.environment: must be of an existing PLANAClient',
    ])
    expect(admissionRefusals(kind, restore, { client: [stored('PLANAClient')] })).toEqual([
      'spec.mode: tier starter has one environment: a clone needs tier pro or above',
    ])
    expect(admissionRefusals(kind, restore, { client: [client], target: [prod] })).toEqual([
      'spec.target: is already taken',
    ])
  })
})

test('a backup needs its environment', () => {
  const backup = stored('EnvironmentBackup')
  expect(refusals('EnvironmentBackup', backup)).toEqual([])
  expect(admissionRefusals('EnvironmentBackup', backup, {})).toEqual([
    'spec.environment: must be an existing TenantEnvironment',
  ])
  expect(admissionRefusals('EnvironmentBackup', backup, { environment: [prodOf()] })).toEqual([])
  const after = stored('EnvironmentBackup', { kind: 'daily' })
  expect(refusals('EnvironmentBackup', after, backup)).toEqual(['spec: is immutable'])
})

function prodOf() {
  return stored('TenantEnvironment', { name: 'prod' }, 'acme-prod')
}
