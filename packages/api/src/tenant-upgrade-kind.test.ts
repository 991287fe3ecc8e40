import { describe, expect, test } from 'vitest'
import { admissionRefusals, deleting, ourKind, refusals, stored } from './legal-objects.suite.ts'

const kind = 'TenantUpgrade'

describe('versions and strategies', () => {
  test.each<[string, string, string, readonly string[]]>([
    ['18', '18', 'same-major', []],
    ['17', '18', 'snapshot-then-upgrade', []],
    ['18', '19', 'snapshot-then-upgrade', []],
    [
      '18',
      '17',
      'snapshot-then-upgrade',
      ['spec.toVersion: must not be older than spec.fromVersion'],
    ],
    ['17', '19', 'snapshot-then-upgrade', ['spec.toVersion: must be one major above at most, 18']],
    [
      '17',
      '19',
      'same-major',
      [
        'spec.toVersion: must be one major above at most, 18',
        'spec.strategy: must be snapshot-then-upgrade for another major',
      ],
    ],
    ['17', '18', 'same-major', ['spec.strategy: must be snapshot-then-upgrade for another major']],
    ['18', '18', 'snapshot-then-upgrade', ['spec.strategy: must be same-major for the same major']],
  ])('%s to %s by %s', (fromVersion, toVersion, strategy, expected) => {
    expect(refusals(kind, stored(kind, { fromVersion, toVersion, strategy }))).toEqual(expected)
  })
})

test.each(['all', 'sale', 'sale,stock,l10n_bg'])('modules may be %s', (modules) => {
  expect(refusals(kind, stored(kind, { modules }))).toEqual([])
})

test.each(['', 'sale, stock', 'All', ',sale', 'sale,'])('modules may not be %j', (modules) => {
  expect(refusals(kind, stored(kind, { modules }))).toEqual([
    'spec.modules: must be all, or names of Odoo modules with commas between',
  ])
})

test('nothing of it ever changes', () => {
  const old = stored(kind)
  expect(refusals(kind, stored(kind, { modules: 'sale' }), old)).toEqual(['spec: is immutable'])
})

test('it is found by the environment that it upgrades', () => {
  expect(stored(kind).metadata.labels).toEqual({ 'planapulse.com/slug': 'acme' })
})

describe('admission', () => {
  const prod = stored('TenantEnvironment', { name: 'prod' }, 'acme-prod')
  const staging = stored('TenantEnvironment', {}, 'acme-test')

  test('looks for prod of the client, and for the environment of that label', () => {
    expect(ourKind(kind).admission?.requires(stored(kind, { slug: 'acme-test' }))).toMatchObject({
      prod: { name: 'acme-test-prod' },
      other: { name: 'acme-test' },
    })
  })

  test('the environment must be there, and stay', () => {
    const refusal = 'spec.slug: must be the label of an existing environment'
    expect(admissionRefusals(kind, stored(kind), {})).toEqual([refusal])
    expect(admissionRefusals(kind, stored(kind), { other: [staging] })).toEqual([refusal])
    expect(admissionRefusals(kind, stored(kind), { prod: [prod] })).toEqual([])
    expect(
      admissionRefusals(kind, stored(kind, { slug: 'acme-test' }), { other: [staging] }),
    ).toEqual([])
    expect(admissionRefusals(kind, stored(kind), { prod: [deleting(prod)] })).toEqual([
      'spec.slug: is being deleted',
    ])
  })

  test('a resource name is no label', () => {
    const slug = stored(kind, { slug: 'acme-prod' })
    expect(admissionRefusals(kind, slug, { other: [prod] })).toEqual([
      'spec.slug: must be the label of an existing environment',
    ])
  })

  test('it begins at the version that runs', () => {
    const older = { fromVersion: '17', toVersion: '18', strategy: 'snapshot-then-upgrade' }
    expect(admissionRefusals(kind, stored(kind, older), { prod: [prod] })).toEqual([
      'spec.fromVersion: must be 18, the version of the environment',
    ])
  })
})
