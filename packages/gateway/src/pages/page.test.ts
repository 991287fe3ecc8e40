import { expect, test } from 'vitest'
import { preferredLanguage, renderPage } from './page.ts'
import { pageTexts } from './texts.ts'

test.each([
  [undefined, 'en'],
  ['bg', 'bg'],
  ['bg-BG,bg;q=0.9,en;q=0.8', 'bg'],
  ['en-US,en;q=0.9,bg;q=0.8', 'en'],
  ['de, bg;q=0.5', 'bg'],
  ['bg;q=0, en;q=0.1', 'en'],
  ['*;q=;;', 'en'],
  ['bg ; x=1 ; q=0.7, en;q=0.5', 'bg'],
  [`fr${' '.repeat(600)},bg`, 'en'],
])('Accept-Language %s gives %s', (header, language) => {
  expect(preferredLanguage(header)).toBe(language)
})

test('every page exists in both languages', () => {
  expect(Object.keys(pageTexts.bg)).toEqual(Object.keys(pageTexts.en))
})

test('a tenant’s name cannot inject markup', () => {
  const page = renderPage({ page: 'creating', language: 'en', displayName: '<script>"&' })
  expect(page).toContain('&lt;script&gt;&quot;&amp;')
})

test('a waiting page asks again without JavaScript and loads nothing from elsewhere', () => {
  const page = renderPage({ page: 'creating', language: 'bg', refreshSeconds: 2 })
  expect(page).toContain('<meta http-equiv="refresh" content="2">')
  expect(page).toContain('<html lang="bg">')
  expect(page).not.toMatch(/<script|src=|https?:/)
})

test('only what goes on by itself is shown to move', () => {
  const bar = 'class="bar"'
  expect(renderPage({ page: 'creating', language: 'en', refreshSeconds: 2 })).toContain(bar)
  expect(renderPage({ page: 'failed', language: 'en', refreshSeconds: 30 })).not.toContain(bar)
})
