import { expect, test } from 'vitest'
import { createSharedPages } from './shared-pages.ts'

const wake = {
  state: 'waking',
  startedAtMs: 0,
  expectedMs: 5_000,
  phase: 'starting',
  attempt: 1,
} as const
const acme = { wake, language: 'en', displayName: 'acme' } as const

test('who comes in the same moment gets the same bytes, and whoever comes later what is told then', () => {
  let nowMs = 1_000
  const pageOf = createSharedPages(() => nowMs)
  const first = pageOf('acme-prod', acme)
  nowMs = 1_249
  expect(pageOf('acme-prod', { ...acme, wake: { ...wake } })).toBe(first)
  nowMs = 2_000
  const later = pageOf('acme-prod', acme)
  expect(later.body.toString()).toContain('value="0.36"')
  expect(first.body.toString()).toContain('value="0.18"')
  expect(later.headers['Content-Length']).toBe(String(later.body.length))
})

test.each([
  ['another tenant', 'beta-prod', {}],
  ['another language', 'acme-prod', { language: 'bg' as const }],
  ['another name', 'acme-prod', { displayName: 'Acme Ltd' }],
  ['a logo', 'acme-prod', { logo: { mediaType: 'image/png', bytes: new Uint8Array([1]) } }],
  ['another phase', 'acme-prod', { wake: { ...wake, phase: 'loading' as const } }],
  ['a failure', 'acme-prod', { wake: { state: 'failed' as const, reason: 'no memory' } }],
])('%s has a page of its own, at once', (_, environment, change) => {
  const pageOf = createSharedPages(() => 1_000)
  const first = pageOf('acme-prod', acme)
  const other = pageOf(environment, { ...acme, ...change })
  expect(other).not.toBe(first)
})

test('no more pages are kept than a few', () => {
  const pageOf = createSharedPages(() => 1_000)
  const first = pageOf('acme-prod', acme)
  for (let index = 0; index < 15; index += 1) pageOf(`tenant-${index}`, acme)
  expect(pageOf('acme-prod', acme)).toBe(first)
  pageOf('tenant-15', acme)
  expect(pageOf('acme-prod', acme)).not.toBe(first)
})
