import fc from 'fast-check'
import { expect, test } from 'vitest'
import { note } from './conformance/harness.ts'
import { matches, parseFieldSelector, parseLabelSelector } from './selectors.ts'

const key = fc.constantFrom('app', 'tier', 'planapulse.com/client')
const value = fc.constantFrom('', 'a', 'b', 'c-1', '2', '10')
const labels = fc.dictionary(key, value)

/** The meaning said once more, and differently: text and predicate side by side. */
const requirement = fc.oneof(
  fc.tuple(key, value).map(([k, v]) => [`${k}=${v}`, (l: Labels) => l[k] === v] as const),
  fc.tuple(key, value).map(([k, v]) => [`${k} == ${v}`, (l: Labels) => l[k] === v] as const),
  fc.tuple(key, value).map(([k, v]) => [`${k}!=${v}`, (l: Labels) => l[k] !== v] as const),
  key.map((k) => [`${k}>2`, (l: Labels) => l[k] === '10'] as const),
  key.map((k) => [`${k} < 10`, (l: Labels) => l[k] === '2'] as const),
  key.map((k) => [k, (l: Labels) => k in l] as const),
  key.map((k) => [`!${k}`, (l: Labels) => !(k in l)] as const),
  fc
    .tuple(key, fc.array(value, { minLength: 1 }))
    .map(
      ([k, vs]) =>
        [`${k} in (${vs.join(', ')})`, (l: Labels) => vs.some((v) => l[k] === v)] as const,
    ),
  fc
    .tuple(key, fc.array(value, { minLength: 1 }))
    .map(([k, vs]) => [`${k} notin (${vs})`, (l: Labels) => vs.every((v) => l[k] !== v)] as const),
)

type Labels = Readonly<Record<string, string>>

test('a label selector is the conjunction of its requirements', () => {
  fc.assert(
    fc.property(labels, fc.array(requirement), (given, requirements) => {
      const selector = parseLabelSelector(requirements.map(([text]) => text).join(','))
      const object = note('n', { metadata: { labels: given } })
      expect(matches({ labels: selector, fields: [] }, object)).toBe(
        requirements.every(([, holds]) => holds({ ...given })),
      )
    }),
  )
})

test.each(['a in b', 'a in (b', '=x', 'a=b=c', 'a b', 'a in (b),,c', '!', 'a=b c', '-a=b', 'a=-b'])(
  'the label selector "%s" is refused',
  (text) => {
    expect(() => parseLabelSelector(text)).toThrow(/unable to parse/)
  },
)

test('any text is either parsed or refused as a bad request', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab/=!(),in .-\\') }), (text) => {
      for (const parse of [
        () => parseLabelSelector(text),
        () => parseFieldSelector({ selectableFields: ['a'] }, text),
      ]) {
        try {
          parse()
        } catch (error) {
          expect(error).toMatchObject({ code: 400 })
        }
      }
    }),
  )
})

test('values of a field selector may hold escaped separators', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab,=\\!') }), (text) => {
      const escaped = text.replaceAll(/[\\,=]/g, '\\$&')
      const [requirement] = parseFieldSelector(
        { selectableFields: ['spec.x'] },
        `spec.x=${escaped}`,
      )
      expect(requirement?.value).toBe(text)
    }),
  )
})
