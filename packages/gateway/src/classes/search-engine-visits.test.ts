import { expect, test, vi } from 'vitest'
import { createSearchEngineVisits } from './search-engine-visits.ts'

const site = Buffer.from(
  'User-agent: *\nSitemap: https://acme.example/sitemap.xml\nDisallow: /web/',
)
const noSite = 'User-agent: *\nDisallow: /'

test('a public site is due for one visit a day', () => {
  const clock = { ms: 0 }
  const visits = createSearchEngineVisits(() => clock.ms)
  expect(visits.isDue('acme-prod', site)).toBe(true)
  visits.countVisit('acme-prod')
  expect(visits.isDue('acme-prod', site)).toBe(false)
  expect(visits.isDue('beta-prod', site)).toBe(true)
  clock.ms += 86_400_000
  expect(visits.isDue('acme-prod', site)).toBe(true)
})

test('a site that shuts out one crawler by name is still for the others', () => {
  const visits = createSearchEngineVisits(() => 0)
  const robots =
    'User-agent: BadBot\nUser-agent: WorseBot\nDisallow: /\n\nUser-agent: *\nDisallow: /my'
  expect(visits.isDue('acme-prod', Buffer.from(robots))).toBe(true)
  expect(visits.isDue('acme-prod', Buffer.from(robots.replace('WorseBot', '*')))).toBe(false)
})

test('what is not for search engines, or not known to be, is never due', () => {
  const visits = createSearchEngineVisits(() => 0)
  for (const robots of [noSite, `${noSite}\nAllow: /web/`, 'User-agent: *\r\nDISALLOW:/ # all']) {
    expect(visits.isDue('acme-prod', Buffer.from(robots))).toBe(false)
  }
  expect(visits.isDue('acme-prod', undefined)).toBe(false)
})

test('the visit to one that is gone is not counted for the next one of its name', () => {
  const visits = createSearchEngineVisits(() => 0)
  visits.countVisit('acme-prod')
  visits.forget('acme-prod')
  expect(visits.isDue('acme-prod', site)).toBe(true)
})

test('the rules that a tenant gave are read once, and no more of them than a crawler has to read', () => {
  const visits = createSearchEngineVisits(() => 0)
  const long = Buffer.from(`${'#'.repeat(500 * 1024)}\n${noSite}`)
  const read = vi.spyOn(long, 'toString')
  expect(visits.isDue('acme-prod', long)).toBe(true)
  expect(visits.isDue('acme-prod', long)).toBe(true)
  expect(read).toHaveBeenCalledTimes(1)
})
