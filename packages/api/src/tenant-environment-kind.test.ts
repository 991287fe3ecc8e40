import { describe, expect, test } from 'vitest'
import { admissionRefusals, deleting, ourKind, refusals, stored } from './legal-objects.suite.ts'

const kind = 'TenantEnvironment'
const environment = (spec: object, name = 'acme-test') => stored(kind, spec, name)
const client = (spec: object = {}) => stored('PLANAClient', { tier: 'pro', ...spec })

test('what is left out is filled in', () => {
  const { spec, metadata } = environment({})
  expect(spec).toMatchObject({
    odooVersion: '18',
    hosting: 'pool',
    resources: 'free',
    source: { template: { edition: 'basic' } },
    neutralise: true,
  })
  expect(metadata.labels).toEqual({ 'planapulse.com/client': 'acme' })
  expect(environment({ name: 'prod' }, 'acme-prod').spec).toMatchObject({ neutralise: false })
})

test('every rule is kept by what is filled in', () => {
  expect(refusals(kind, environment({}))).toEqual([])
  expect(refusals(kind, environment({ name: 'prod' }, 'acme-prod'))).toEqual([])
})

describe('refuses', () => {
  const name = 'must be a lower-case letter and up to 11 lower-case letters and digits'
  test.each<[string, string, object, string]>([
    ['another name', 'acme-other', {}, 'metadata.name: must be {client}-{name}, "acme-test"'],
    ['a dash in the name', 'acme-a-b', { name: 'a-b' }, `spec.name: ${name}`],
    ['too long a name', 'acme-abcdefghijklm', { name: 'abcdefghijklm' }, `spec.name: ${name}`],
    ['a digit first', 'acme-1a', { name: '1a' }, `spec.name: ${name}`],
    [
      'a reserved label',
      'mta-sts',
      { client: 'mta', name: 'sts' },
      'spec.name: "mta-sts" is reserved',
    ],
    [
      'two sources',
      'acme-test',
      { source: { template: {}, environment: { name: 'acme-prod' } } },
      'spec.source: must have only one of template and environment',
    ],
    [
      'no source',
      'acme-test',
      { source: {} },
      'spec.source: must have one of template, backup and environment',
    ],
    [
      'the data of another customer',
      'acme-test',
      { source: { environment: { name: 'globex-prod' } } },
      'spec.source.environment.name: must be an environment of client "acme"',
    ],
    [
      'the backup of another customer',
      'acme-test',
      { source: { backup: { environment: 'acme-x-prod' } } },
      'spec.source.backup.environment: must be an environment of client "acme"',
    ],
    [
      'a copy of itself',
      'acme-test',
      { source: { environment: { name: 'acme-test' } } },
      'spec.source.environment.name: must be another environment',
    ],
    [
      'a copy that could send mail',
      'acme-test',
      { neutralise: false, source: { environment: { name: 'acme-prod' } } },
      'spec.neutralise: must be true for a copy',
    ],
    [
      'a time that is none',
      'acme-test',
      { source: { backup: { environment: 'acme-prod', backup: 'yesterday' } } },
      'spec.source.backup.backup: must be latest or a time as in the backup name: YYYYMMDDTHHMMSS',
    ],
  ])('%s', (_what, resource, spec, refusal) => {
    expect(refusals(kind, environment(spec, resource))).toContain(refusal)
  })

  test('a label that says it belongs to another client', () => {
    const object = environment({})
    const labels = { 'planapulse.com/client': 'globex' }
    const lying = { ...object, metadata: { ...object.metadata, labels } }
    expect(refusals(kind, lying)).toEqual([
      'metadata.labels[planapulse.com/client]: must be "acme", as in the spec',
    ])
  })

  test('a change of what it is and of what it was made from', () => {
    const after = environment(
      {
        client: 'globex',
        name: 'dev',
        hosting: 'instance',
        source: { template: { edition: 'pro' } },
      },
      'globex-dev',
    )
    expect(refusals(kind, after, environment({})).toSorted()).toEqual([
      'spec.client: is immutable',
      'spec.hosting: is immutable',
      'spec.name: is immutable',
      'spec.source: is immutable',
    ])
  })
})

test('only prod leaves its names to the client', () => {
  const claims = ourKind(kind).uniqueNames
  expect(claims?.(environment({ name: 'prod' }, 'acme-prod'))).toEqual([])
  expect(claims?.(environment({}))).toEqual([
    { value: 'label:acme-test', field: 'spec.name' },
    { value: 'host:acme-test.localhost', field: 'spec.name' },
  ])
})

describe('admission', () => {
  const prod = environment({ name: 'prod' }, 'acme-prod')
  const admit = (object: ReturnType<typeof environment>, required: object, old?: typeof prod) =>
    admissionRefusals(kind, object, { client: [client()], ...required }, old)

  test('a second environment of tier pro is admitted', () => {
    expect(admit(environment({}), { siblings: [prod] })).toEqual([])
  })

  test('an environment without a client is refused', () => {
    expect(admit(environment({}), { client: [] })).toEqual([
      'spec.client: must be an existing PLANAClient',
    ])
    expect(admit(environment({}), { client: [deleting(client())] })).toEqual([
      'spec.client: is being deleted',
    ])
  })

  test('a second environment of tier starter is refused, even while prod is not there yet', () => {
    const starter = { client: [stored('PLANAClient')] }
    const refusal =
      'spec.name: tier starter has the environment prod only: a second one needs tier pro or above'
    expect(admit(environment({}), { ...starter, siblings: [prod] })).toEqual([refusal])
    expect(admit(environment({}), starter)).toEqual([refusal])
    expect(admit(prod, starter)).toEqual([])
  })

  test('environments that are being deleted do not count', () => {
    const many = Array.from({ length: 10 }, (_, index) =>
      environment({ name: `t${index}` }, `acme-t${index}`),
    )
    expect(admit(environment({}), { siblings: many })).toEqual([
      'spec.name: tier pro has at most 10 environments',
    ])
    expect(admit(environment({}), { siblings: many.map(deleting) })).toEqual([])
  })

  test('a label is taken as long as prod of a deleted client still has it', () => {
    const leftover = environment({ client: 'acme-test', name: 'prod' }, 'acme-test-prod')
    expect(admit(environment({}), { namesake: [leftover] })).toEqual([
      'spec.name: is already taken',
    ])
    expect(ourKind(kind).admission?.requires(environment({}))).toMatchObject({
      namesake: { name: 'acme-test-prod' },
    })
  })

  test('a copy needs its original, of the same version', () => {
    const copy = environment({ source: { environment: { name: 'acme-prod' } } })
    expect(ourKind(kind).admission?.requires(copy)).toMatchObject({ copied: { name: 'acme-prod' } })
    expect(admit(copy, { copied: [] })).toEqual([
      'spec.source.environment.name: must be an existing TenantEnvironment',
    ])
    const other = environment({ name: 'prod', odooVersion: '17' }, 'acme-prod')
    expect(admit(copy, { copied: [other] })).toEqual([
      'spec.odooVersion: must be 17, that of the copied environment',
    ])
    expect(admit(copy, { copied: [prod] })).toEqual([])
  })

  test('a size above the plan is refused', () => {
    const large = environment({ hosting: 'instance', resources: 'enterprise' })
    expect(admit(large, {})).toEqual(['spec.resources: must be at most team with tier pro'])
  })

  test('the version changes only by an upgrade', () => {
    const after = environment({ odooVersion: '19' })
    expect(admit(after, {}, environment({}))).toEqual([
      'spec.odooVersion: is changed only by a TenantUpgrade',
    ])
  })

  test('an environment is not judged again while its spec stays, whatever became of its client', () => {
    expect(admit(environment({}), { client: [] }, environment({}))).toEqual([])
  })
})
