import { StatusError } from '@pulse/api'
import { expect, test } from 'vitest'
import { refusalWords } from './refusal-words.ts'

function refusal(message: string, ...rules: readonly (readonly [string, string])[]) {
  const reason = 'FieldValueInvalid' as const
  const causes = rules.map(([field, message]) => ({ reason, field, message }))
  return new StatusError('Invalid', message, { causes })
}

test('one mistake is told in one line', () => {
  const rule = ['spec.tier', 'is odd'] as const
  const line = 'Client "a" is invalid: spec.tier: is odd'
  expect(refusalWords(refusal(line, rule))).toBe(line)
  expect(refusalWords(refusal('Client "a" is invalid', rule))).toBe(line)
})

test('several mistakes are a list, and nothing is told twice', () => {
  const rules = [['spec.a', 'is odd'] as const, ['spec.b', 'is even'] as const]
  const text = refusalWords(
    refusal('Client "a" is invalid: [spec.a: is odd, spec.b: is even]', ...rules),
  )
  expect(text).toBe('Client "a" is invalid:\n  spec.a: is odd\n  spec.b: is even')
})

test('a refusal without causes is its message', () => {
  expect(refusalWords(new StatusError('NotFound', 'pods "a" not found'))).toBe('pods "a" not found')
})

test('where fields have a place, each mistake begins with its own, in the order of the file', () => {
  const rules = [['spec.b', 'is even'] as const, ['spec.a', 'is odd'] as const]
  const placeOf = (field: string) => ({ source: 'a.yaml', line: field === 'spec.a' ? 4 : 10 })
  expect(refusalWords(refusal('Client "a" is invalid: [spec.a: …]', ...rules), placeOf)).toBe(
    'Client "a" is invalid:\n  a.yaml:4: spec.a: is odd\n  a.yaml:10: spec.b: is even',
  )
})

test('unknown fields are told once each, and how many more there are', () => {
  const rule = ['spec.teir', 'unknown field, did you mean "tier"?'] as const
  const line =
    'X cannot be handled as a X: strict decoding error: unknown field "spec.teir" (did you mean "spec.tier"?)'
  expect(refusalWords(refusal(line, rule))).toBe(
    'X cannot be handled as a X: strict decoding error: spec.teir: unknown field, did you mean "tier"?',
  )
  expect(
    refusalWords(refusal(`${line}, and 7 more unknown fields`, rule), () => ({
      source: 'a.yaml',
      line: 1,
    })),
  ).toMatch(/\n {2}and 7 more unknown fields$/)
})
