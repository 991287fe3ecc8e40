import { isRecord } from '@pulse/api'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { testKinds } from './conformance/kinds.ts'
import {
  changedFields,
  describePath,
  fieldsOf,
  filterSet,
  listTypesOf,
  readerOf,
  sameField,
  sameSet,
} from './field-set.ts'
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

const content = fc.dictionary(
  fc.constantFrom('tags', 'parts', 'ports', 'x', '.', 'f:x'),
  fc.jsonValue(),
)
const objects = content.map((spec): { spec: unknown } => JSON.parse(JSON.stringify({ spec })))

test('every object: its fields survive writing and reading, and each is found in it', () => {
  fc.assert(
    fc.property(objects, (object) => {
      const fields = fieldsOf(object, lists)
      expect(sameSet(fromFieldsV1(toFieldsV1(fields)), fields)).toBe(true)
      const read = readerOf(object)
      for (const path of fields.values()) expect(read(path)).not.toBeUndefined()
    }),
  )
})

test('what is read of neighbours at once is what is read of each alone, in any order', () => {
  fc.assert(
    fc.property(objects, fc.array(fc.nat()), (object, places) => {
      const paths = [...fieldsOf(object, lists).values(), ['f:spec', 'f:x', 'f:away']]
      const read = readerOf(object)
      for (const place of places) {
        const path = paths[place % paths.length] ?? []
        expect(read(path)).toBe(readerOf(object)(path))
        expect(read(path.slice(0, 2))).toBe(readerOf(object)(path.slice(0, 2)))
      }
    }),
  )
})

test('what has changed are the fields that hold another value than before', () => {
  const few = fc.constantFrom('a', 'b')
  const part = fc.record({ name: few, args: fc.array(few, { maxLength: 2 }), env: fc.jsonValue() })
  const spec = fc.record(
    { tags: fc.uniqueArray(few), parts: fc.array(part, { maxLength: 2 }), x: fc.jsonValue() },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(spec, spec, (a, b) => {
      const [before, after] = [{ spec: a }, { spec: b }]
      const [old, now] = [readerOf(before), readerOf(after)]
      const changed = filterSet(fieldsOf(after, lists), (path) => !sameField(old(path), now(path)))
      expect([...changedFields(before, after, lists)]).toEqual([...changed])
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
