import { expect, test } from 'vitest'
import { createNews } from './news.ts'

const pod = (facts: Readonly<Record<string, unknown>>, namespace = 'acme') => ({
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'odoo', namespace } },
  ...facts,
})

test('a change is news when it changes one of the facts', () => {
  const isNews = createNews(({ address }) => ({ address }))
  expect(isNews(pod({ address: '1', turn: 1 }), false)).toBe(true)
  expect(isNews(pod({ address: '1', turn: 2 }), false)).toBe(false)
  expect(isNews(pod({ address: '2', turn: 2 }), false)).toBe(true)
  expect(isNews(pod({ address: '1', turn: 2 }), false)).toBe(true)
})

test('of each object by itself', () => {
  const isNews = createNews(({ address }) => ({ address }))
  expect(isNews(pod({ address: '1' }), false)).toBe(true)
  expect(isNews(pod({ address: '1' }, 'other'), false)).toBe(true)
})

test('that it is gone is news, and so is one of its name that comes later', () => {
  const isNews = createNews(({ address }) => ({ address }))
  isNews(pod({ address: '1' }), false)
  expect(isNews(pod({}), true)).toBe(true)
  expect(isNews(pod({ address: '1' }), false)).toBe(true)
})
