import { expect, test } from 'vitest'
import { ourKind, written } from './legal-objects.suite.ts'
import { findUnknownFields, pruneUnknownFields } from './unknown-fields.ts'

const { schema } = ourKind('PLANAClient')
const object = {
  ...written('PLANAClient', { tire: 'pro', sleep: { wake: '1m', enabled: true } }),
  spek: {},
  status: {
    steps: { claim: { inputsHash: 'a', result: { anything: { goes: 1 } }, extra: 1 } },
    conditions: [{ type: 'Ready', status: 'True', reason: 'X', colour: 'red' }],
  },
}

test('unknown fields are found at every depth, with the name that was probably meant', () => {
  expect(findUnknownFields(object, schema)).toEqual([
    { path: 'spec.tire', nearest: 'tier' },
    { path: 'spec.sleep.wake' },
    { path: 'spek', nearest: 'spec' },
    { path: 'status.steps.claim.extra' },
    { path: 'status.conditions[0].colour' },
  ])
})

test('pruning takes away just these', () => {
  const pruned = pruneUnknownFields(object, schema)
  expect(findUnknownFields(pruned, schema)).toEqual([])
  expect(pruned).toMatchObject({
    spec: { subdomain: 'acme', sleep: { enabled: true } },
    status: { steps: { claim: { inputsHash: 'a', result: { anything: { goes: 1 } } } } },
  })
})

test('metadata and kinds that are not ours are left alone', () => {
  const labelled = { metadata: { labels: { a: 'b' } } }
  expect(findUnknownFields(labelled, schema)).toEqual([])
  const loose = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  expect(findUnknownFields({ anything: 1 }, loose)).toEqual([])
})
