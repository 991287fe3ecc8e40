import { describe, expect, test } from 'vitest'
import { apiGroup, apiGroupVersion } from './group.ts'
import { openApiDocument } from './open-api.ts'
import { recordAt, recordOf } from './record.ts'
import { createKinds } from './registry.ts'

const { kinds } = await createKinds()
const gvk = { group: apiGroup, version: apiGroupVersion, kind: 'PLANAClient' }

describe('what kubectl looks for', async () => {
  const document = await openApiDocument(kinds, apiGroup, apiGroupVersion)

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

  test('every reference leads somewhere', async () => {
    for (const { group, version } of kinds) {
      const each = await openApiDocument(kinds, group, version)
      const names = [...JSON.stringify(each).matchAll(/"#\/components\/schemas\/([^"]+)"/g)]
      expect(names.length).toBeGreaterThan(0)
      for (const [, name = ''] of names)
        expect(each).toHaveProperty(['components', 'schemas', name])
    }
  })
})

test('namespaced kinds are found under their namespace, the core group under /api', async () => {
  const { paths } = await openApiDocument(kinds, '', 'v1')
  expect(paths).toHaveProperty(['/api/v1/namespaces/{namespace}/pods/{name}'])
  expect(paths).toHaveProperty(['/api/v1/namespaces/{name}'])
})

describe("Kubernetes' own kinds are described", async () => {
  const document = await openApiDocument(kinds, 'apps', 'v1')
  const schemas = recordAt(document, 'components.schemas') ?? {}
  const field = (type: string, name: string) => recordOf(recordOf(schemas[type]).properties)[name]

  test('with what each field holds and means, down to the last', () => {
    expect(field('io.k8s.api.apps.v1.Deployment', 'spec')).toMatchObject({
      allOf: [{ $ref: '#/components/schemas/apps.v1.DeploymentSpec' }],
    })
    expect(field('apps.v1.DeploymentSpec', 'replicas')).toMatchObject({
      type: 'integer',
      description: expect.stringMatching(/^Number of desired pods/),
    })
    expect(field('core.v1.PodSpec', 'containers')).toMatchObject({
      type: 'array',
      items: { allOf: [{ $ref: '#/components/schemas/core.v1.Container' }] },
    })
    expect(field('core.v1.Container', 'imagePullPolicy')).toMatchObject({
      enum: ['Always', 'IfNotPresent', 'Never'],
    })
    expect(schemas['apps.v1.DeploymentSpec']).toMatchObject({
      required: ['selector', 'template'],
    })
  })

  test('with the metadata that they have, and nothing that no kind of the group needs', () => {
    expect(field('meta.v1.ObjectMeta', 'labels')).toMatchObject({ type: 'object' })
    expect(schemas).not.toHaveProperty(['core.v1.Service'])
    expect(schemas).not.toHaveProperty(['batch.v1.JobSpec'])
  })
})
