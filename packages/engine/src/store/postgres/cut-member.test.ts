import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutMember } from './cut-member.ts'

const path = ['metadata', 'managedFields'] as const

/** The keys that are looked for, in all the places where they are not meant, and signs that have a meaning in JSON. */
const json = fc.letrec<{ value: unknown; key: string }>((tie) => ({
  key: fc.oneof(
    fc.constantFrom('metadata', 'managedFields', 'spec', '"managedFields":[', 'a"', '\\', '\\"'),
    fc.string({ maxLength: 3 }),
  ),
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, 0, -1.5e30, '', '"', '\\', '"managedFields":[', '}]{[,:'),
    fc.string({ unit: 'grapheme' }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(tie('key'), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

function withMember(record: object, key: string, value: unknown, place: number): object {
  const entries = Object.entries(record).filter(([name]) => name !== key)
  return Object.fromEntries(entries.toSpliced(place % (entries.length + 1), 0, [key, value]))
}

test('what is left is the object without the member, wherever it stands and whatever is in it', () => {
  const objects = fc.tuple(
    fc.dictionary(json.key, json.value, { noNullPrototype: true }),
    fc.dictionary(json.key, json.value, { noNullPrototype: true }),
    json.value,
    fc.tuple(fc.nat(9), fc.nat(9)),
  )
  fc.assert(
    fc.property(objects, ([object, metadata, fields, [place, inner]]) => {
      const bare = Object.fromEntries(
        Object.entries(metadata).filter(([name]) => name !== 'managedFields'),
      )
      const whole = withMember(metadata, 'managedFields', fields, inner)
      const text = JSON.stringify(withMember(object, 'metadata', whole, place))
      const expected = JSON.stringify(withMember(object, 'metadata', bare, place))
      expect(JSON.parse(cutMember(text, path))).toEqual(JSON.parse(expected))
    }),
    { numRuns: 3_000 },
  )
})

test('nothing is cut where there is no such member, nor of a text that is written otherwise', () => {
  const texts = [
    '{}',
    '7',
    '"managedFields"',
    '[{"metadata":{"managedFields":[]}}]',
    '{"spec":{"managedFields":[1]},"metadata":{"name":"a"}}',
    '{"metadata":[{"managedFields":[1]}]}',
    '{"metadata":"managedFields"}',
    '{ "metadata" : { "managedFields" : [] } }',
    '{"metadata":{"name" : "a","managedFields":[]}}',
    '',
  ]
  for (const text of texts) expect(cutMember(text, path)).toBe(text)
})
