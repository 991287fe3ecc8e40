/**
 * What the gateway may keep. `static`: files of the runtime. `bundle`, `unique`: unchanging under their URL.
 * `copy`: asked for without a person, and served only while its tenant sleeps. `logo`: for the waiting page alone, since
 * Odoo shows each user that of their own company.
 */
export type KeptKind = 'static' | 'bundle' | 'unique' | 'copy' | 'logo'

/**
 * Nobody but crawlers asks for these without a session, and only then they may be kept: so the gateway asks for them
 * itself, once after each wake and without a cookie, and offers what it gets.
 */
export const ownQuestions = ['/robots.txt', '/favicon.ico', '/logo.png'] as const

/**
 * Which kept kind a path is of, undefined for all else. Only these are ever kept, whatever a response says of itself:
 * Odoo marks `/web/webclient/load_menus/<hash>` public for a year though it shows what one user may see, and
 * `/web/webclient/translations/<hash>` likewise though its language may be the session's. Of the hash Odoo's bundles are
 * checked against theirs; `any`, `debug` and patterns are none.
 */
export function keptKindOf(path: string, query: string): KeptKind | undefined {
  if (staticFile.test(path)) return 'static'
  if (bundle.test(path)) return query === '' ? 'bundle' : undefined
  if (copy.test(path)) return query === '' ? 'copy' : undefined
  if (path === '/logo.png') return query === '' ? 'logo' : undefined
  if (uniqueImage.test(path)) return 'unique'
  if (hashed.test(path) && uniqueInQuery.test(query)) return 'unique'
  return undefined
}

const staticFile = /^\/[a-z0-9_]+\/static\/./
const bundle = /^\/web\/assets\/(\d+\/)?[0-9a-f]{7,64}\/[^/]+$/
const copy = /^\/(robots\.txt|sitemap(-[\w-]+)?\.xml|favicon\.ico)$/
const uniqueImage = /^\/web\/image\/\d+-[0-9a-f]{7,64}(\/|$)/
const hashed = /^\/web\/(image|content)\/./
const uniqueInQuery = /(?:^|&)unique=[0-9a-f]{7,64}(?:&|$)/
