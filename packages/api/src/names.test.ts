import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDomains } from './domains.ts'
import { ourKind, refusals, stored } from './legal-objects.suite.ts'
import {
  claimDatabaseName,
  type EnvironmentIdentity,
  environmentLabel,
  environmentNames,
  environmentsOfLabel,
  jobName,
  maxDomainLength,
  odooMajors,
  parseEnvironmentResourceName,
  supportRoomName,
  templateDatabaseName,
  tombstoneDatabaseName,
} from './names.ts'

const bytes = (text: string) => new TextEncoder().encode(text).length
const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

const client = fc
  .stringMatching(/^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/)
  .filter((subdomain) => refusals('PLANAClient', clientOf(subdomain)).length === 0)
const environment = fc.oneof(fc.constant('prod'), fc.stringMatching(/^[a-z][a-z0-9]{0,11}$/))
const identity: fc.Arbitrary<EnvironmentIdentity> = fc.record({
  client,
  name: environment,
  odooVersion: fc.constantFrom(...odooMajors),
  hosting: fc.constantFrom('pool', 'instance'),
})
const domain = fc.constantFrom(
  'localhost',
  'planapulse.app',
  `${'d'.repeat(maxDomainLength - 4)}.dev`,
)
const domains = fc.record({ tenant: domain, dev: domain }).map(parseDomains)

function clientOf(subdomain: string) {
  return stored('PLANAClient', { subdomain }, subdomain)
}

test('every name of every legal environment fits into 63 bytes and its alphabet', () => {
  fc.assert(
    fc.property(identity, domains, (id, where) => {
      const { hostname, database, filestore, role, ...labels } = environmentNames(id, where)
      expect(database).toBe(hostname)
      expect(filestore).toBe(hostname)
      expect(bytes(hostname)).toBeLessThanOrEqual(63)
      expect(bytes(role)).toBeLessThanOrEqual(63)
      expect(hostname.split('.').every((part) => dnsLabel.test(part))).toBe(true)
      for (const name of Object.values(labels)) expect(name).toMatch(dnsLabel)
    }),
  )
})

test('environments whose claims do not clash share no name', () => {
  fc.assert(
    fc.property(identity, identity, domains, (one, other, where) => {
      fc.pre(claims(one).every((claim) => !claims(other).includes(claim)))
      const names = environmentNames(one, where)
      const others = environmentNames(other, where)
      for (const key of ['resource', 'label', 'hostname', 'credentials', 'facts'] as const) {
        expect(names[key]).not.toBe(others[key])
      }
      if (one.hosting === 'instance') {
        expect(names.namespace).not.toBe(others.namespace)
        expect(names.role).not.toBe(others.role)
      }
    }),
  )
})

/** What the client of a prod environment, or any other environment itself, claims. */
function claims({ client: subdomain, name }: EnvironmentIdentity): readonly string[] {
  const object =
    name === 'prod'
      ? clientOf(subdomain)
      : stored('TenantEnvironment', { client: subdomain, name }, `${subdomain}-${name}`)
  const claimed = ourKind(object.kind).uniqueNames?.(object) ?? []
  return claimed.map(({ value }) => value).filter((value) => value.startsWith('label:'))
}

test('equal labels are always a clash of claims', () => {
  fc.assert(
    fc.property(identity, identity, (one, other) => {
      const same =
        environmentLabel(one.client, one.name) === environmentLabel(other.client, other.name)
      expect(claims(one).some((claim) => claims(other).includes(claim))).toBe(same)
    }),
  )
  const prod: EnvironmentIdentity = {
    client: 'a-b',
    name: 'prod',
    odooVersion: '18',
    hosting: 'pool',
  }
  expect(claims(prod)).toEqual(claims({ ...prod, client: 'a', name: 'b' }))
})

test('no tenant can have the database of a template, a claim or a tombstone', () => {
  fc.assert(
    fc.property(identity, domains, fc.uuid(), (id, where, uid) => {
      const { database } = environmentNames(id, where)
      const taken = odooMajors.flatMap((major) => [
        templateDatabaseName('basic', major, where),
        templateDatabaseName('pro', major, where),
      ])
      expect([...taken, claimDatabaseName(uid), tombstoneDatabaseName(uid)]).not.toContain(database)
    }),
  )
  expect(refusals('PLANAClient', clientOf('basic-template-18'))).toContain(
    'spec.subdomain: "basic-template-18" is reserved',
  )
})

test('claims and tombstones are legal database names', () => {
  const uid = '7f1f9a70-3c1e-4d59-9d4a-0b6a5d1f2c3b'
  expect(bytes(claimDatabaseName(uid))).toBeLessThanOrEqual(63)
  expect(bytes(tombstoneDatabaseName(uid))).toBeLessThanOrEqual(63)
})

test('the name of an environment resource can be taken apart again, in one way', () => {
  fc.assert(
    fc.property(identity, ({ client: subdomain, name }) => {
      expect(parseEnvironmentResourceName(`${subdomain}-${name}`)).toEqual({
        client: subdomain,
        name,
      })
      expect(environmentsOfLabel(environmentLabel(subdomain, name))).toContain(
        `${subdomain}-${name}`,
      )
    }),
  )
  expect(parseEnvironmentResourceName('prod')).toBeUndefined()
  expect(parseEnvironmentResourceName('-prod')).toBeUndefined()
})

test('a job name is a DNS label, and inputs that differ give names that differ', () => {
  const step = fc.stringMatching(/^[a-z][a-z-]{0,18}[a-z]$/)
  const hash = fc.stringMatching(/^[0-9a-f]{10}$/)
  fc.assert(
    fc.property(step, identity, hash, hash, (name, id, one, other) => {
      const label = environmentLabel(id.client, id.name)
      expect(jobName(name, label, one)).toMatch(dnsLabel)
      expect(jobName(name, label, one) === jobName(name, label, other)).toBe(one === other)
    }),
  )
})

test('the support room is named as the documents say', () => {
  expect(supportRoomName('acme', 23)).toBe('support-acme-023')
})
