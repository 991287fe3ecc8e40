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
