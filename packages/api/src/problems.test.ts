import Type from 'typebox'
import { expect, test } from 'vitest'
import { eventSource, eventTypes } from './event-types.ts'
import { ourKinds } from './legal-objects.suite.ts'
import { mustProblemType, problemTypes, problemTypeUri } from './problems.ts'

test('each problem has a name of its own, a URI and an error status', () => {
  const slugs = problemTypes.map(({ slug }) => slug)
  expect(new Set(slugs).size).toBe(slugs.length)
  for (const type of problemTypes) {
    expect(type.slug).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(new URL(problemTypeUri(type)).pathname).toBe(`/problems/${type.slug}`)
    expect(type.status).toBeGreaterThanOrEqual(400)
  }
  expect(mustProblemType('host-not-found').status).toBe(404)
})

test('each event has a type of its own, told by one of our kinds, with a subject', () => {
  const types = eventTypes.map(({ type }) => type)
  expect(new Set(types).size).toBe(types.length)
  for (const { type, kind, data } of eventTypes) {
    expect(type).toMatch(/^[a-z]+(\.[a-z]+)+$/)
    expect(ourKinds.map((own) => own.kind)).toContain(kind)
    expect(Type.IsObject(data)).toBe(true)
  }
  expect(eventSource('PLANAClient')).toBe('//plana-pulse/crossplane/planaclient')
})

test('a provisioned client tells what the documents say', () => {
  const provisioned = eventTypes.find(({ type }) => type === 'client.provisioned')
  expect(provisioned?.data).toMatchObject({
    required: ['subdomain', 'projectId', 'tier', 'odooVersion', 'ownerEmail'],
  })
})
