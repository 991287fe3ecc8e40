import { isRecord } from '@pulse/api'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { testKinds } from './conformance/kinds.ts'
import { describePath, fieldsOf, listTypesOf, sameSet, valueAt } from './field-set.ts'
import { fromFieldsV1, toFieldsV1 } from './fields-v1.ts'

const lists = listTypesOf(testKinds('test.pulse/v1', 'Widget'))

const parts = [{ name: 'web', env: [{ name: 'A', value: '1' }], args: ['x'] }]
const example = {
  metadata: { labels: { 'app.kubernetes.io/name': 'x' } },
  spec: { tags: ['t'], ports: [{ port: 80 }], parts, words: [], nothing: null, empty: {} },
}

test('fields are written as Kubernetes writes them', () => {
  expect(toFieldsV1(fieldsOf(example, lists))).toEqual({
    'f:metadata': { 'f:labels': { 'f:app.kubernetes.io/name': {} } },
    'f:spec': {
      'f:empty': {},
      'f:nothing': {},
      'f:parts': {
        'k:{"name":"web"}': {
          '.': {},
          'f:args': {},
          'f:env': { 'k:{"name":"A"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
          'f:name': {},
        },
      },
      'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
      'f:tags': { 'v:"t"': {} },
      'f:words': {},
    },
  })
})

test('a path is shown to people as they would write it', () => {
  const paths = [...fieldsOf(example, lists).values()].map(describePath)
  expect(paths).toContain('.spec.parts[name="web"].env[name="A"].value')
  expect(paths).toContain('.spec.tags[="t"]')
})

test('every object: its fields survive writing and reading, and each is found in it', () => {
  const spec = fc.dictionary(
    fc.constantFrom('tags', 'parts', 'ports', 'x', '.', 'f:x'),
    fc.jsonValue(),
  )
  fc.assert(
    fc.property(spec, (content) => {
      const object = { spec: JSON.parse(JSON.stringify(content)) }
      const fields = fieldsOf(object, lists)
      expect(sameSet(fromFieldsV1(toFieldsV1(fields)), fields)).toBe(true)
      for (const path of fields.values()) expect(valueAt(object, path)).not.toBeUndefined()
    }),
  )
})

test('whatever a client sends as fields is read without a throw', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (fields) => {
      expect(isRecord(toFieldsV1(fromFieldsV1(fields)))).toBe(true)
    }),
  )
  expect(fromFieldsV1({ 'k:{': {}, 'k:1': {}, 'v:{': {}, 'z:': {} }).size).toBe(0)
})
