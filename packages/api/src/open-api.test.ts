import { describe, expect, test } from 'vitest'
import { apiGroup, apiGroupVersion } from './group.ts'
import { openApiDocument } from './open-api.ts'
import { createKinds } from './registry.ts'

const { kinds } = await createKinds()
const gvk = { group: apiGroup, version: apiGroupVersion, kind: 'PLANAClient' }

describe('what kubectl looks for', () => {
  const document = openApiDocument(kinds, apiGroup, apiGroupVersion)

  test('a PATCH of the kind that takes fieldValidation', () => {
    expect(document).toHaveProperty(
      ['paths', '/apis/planapulse.com/v1alpha1/planaclients/{name}', 'patch'],
      expect.objectContaining({
        'x-kubernetes-group-version-kind': gvk,
        parameters: expect.arrayContaining([expect.objectContaining({ name: 'fieldValidation' })]),
      }),
    )
  })

  test('the schema of the kind, with its metadata', () => {
    expect(document).toHaveProperty(
      ['components', 'schemas', 'com.planapulse.v1alpha1.PLANAClient'],
      expect.objectContaining({ 'x-kubernetes-group-version-kind': [gvk] }),
    )
  })

  test('every reference leads somewhere', () => {
    for (const { group, version } of kinds) {
      const each = openApiDocument(kinds, group, version)
      const names = [...JSON.stringify(each).matchAll(/"#\/components\/schemas\/([^"]+)"/g)]
      expect(names.length).toBeGreaterThan(0)
      for (const [, name = ''] of names)
        expect(each).toHaveProperty(['components', 'schemas', name])
    }
  })
})

test('namespaced kinds are found under their namespace, the core group under /api', () => {
  const paths = openApiDocument(kinds, '', 'v1').paths
  expect(paths).toHaveProperty(['/api/v1/namespaces/{namespace}/pods/{name}'])
  expect(paths).toHaveProperty(['/api/v1/namespaces/{name}'])
})
