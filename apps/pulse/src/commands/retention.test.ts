import { expect, test } from 'vitest'
import { retentionWords } from './retention.ts'

const now = new Date('2026-01-30T12:00:00Z')

function object(kind: string, retainDays: number) {
  const metadata = { name: 'acme' }
  return { apiVersion: 'x/v1', kind, metadata, spec: { deletionPolicy: { retainDays } } }
}

test.each([
  ['PLANAClient', 7, '; its data is kept until 2026-02-06'],
  ['PLANAClient', 0, '; its data is not kept'],
  ['ConfigMap', 7, ''],
])('of a deleted %s with %i days: "%s"', (kind, days, words) => {
  expect(retentionWords(object(kind, days), now)).toBe(words)
})

test('of what is not there nothing is promised', () => {
  expect(retentionWords(undefined, now)).toBe('')
})
