import { hold, later, type RequestClassRow } from './request-class.ts'

/** What nobody waits for: machines, and what browsers ask for unasked. */
export const unattendedClasses: readonly RequestClassRow[] = [
  {
    name: 'health',
    which: '`/web/health`, `/websocket/health`',
    when: ({ path, reads }) => reads && (path === '/web/health' || path === '/websocket/health'),
    wakes: false,
    activity: false,
    asleep: { kind: 'answer', answer: 'health' },
    wording: 'problem',
    reason: 'It asks whether the service works, and a tenant that sleeps well does.',
  },
  {
    name: 'monitor',
    which: 'monitors: well-known ones by User-Agent, declared ones also by address',
    when: ({ agent }) => agent === 'monitor',
    wakes: false,
    activity: false,
    asleep: { kind: 'answer', answer: 'alive' },
    wording: 'problem',
    reason:
      'They come every minute for ever. Only a tenant that could not be woken is down, and then they are told so.',
  },
  {
    name: 'prefetch',
    which: '`Sec-Purpose: prefetch` and its older twins',
    when: ({ prefetches }) => prefetches,
    wakes: false,
    activity: false,
    asleep: later,
    wording: 'text',
    reason:
      'A guess of the browser. It drops what failed and asks in earnest when the person does.',
  },
  {
    name: 'search-engine-due',
    which: 'search engines, when the gateway says that the tenant’s public site is due for a visit',
    when: ({ agent, searchEnginesDue }) => agent === 'search-engine' && searchEnginesDue,
    wakes: true,
    activity: false,
    asleep: hold,
    wording: 'text',
    reason:
      'A site that answers 503 for days is dropped from the index; one visit now and then keeps it there.',
  },
  {
    name: 'search-engine',
    which: 'search engines',
    when: ({ agent }) => agent === 'search-engine',
    wakes: false,
    activity: false,
    asleep: later,
    wording: 'text',
    reason:
      'They take 503 with Retry-After for what it is and come back; any other answer is indexed.',
  },
  {
    name: 'link-preview',
    which: 'previews of links in chats and social media',
    when: ({ agent }) => agent === 'link-preview',
    wakes: false,
    activity: false,
    asleep: later,
    wording: 'text',
    reason:
      'One for each time a link is pasted, and nobody waits for it; a title of ours would stick for weeks. The click wakes.',
  },
  {
    name: 'bot',
    which: 'other crawlers and scanners that say who they are',
    when: ({ agent }) => agent === 'bot',
    wakes: false,
    activity: false,
    asleep: later,
    wording: 'text',
    reason: 'No person waits. Whoever carries a session or a login is none.',
  },
  {
    name: 'robots',
    which: '`/robots.txt`, `/sitemap.xml`',
    when: ({ path, reads }) => reads && /^\/(robots\.txt|sitemap(-[\w-]+)?\.xml)$/.test(path),
    wakes: false,
    activity: false,
    asleep: { kind: 'answer', answer: 'copy' },
    wording: 'text',
    reason:
      'Without a copy 503: crawlers then pause and keep the rules they know. “Disallow” would take a site out of the index, “Allow” or 404 open what the tenant keeps shut.',
  },
  {
    name: 'favicon',
    which: '`/favicon.ico`',
    when: ({ path, reads }) => reads && path === '/favicon.ico',
    wakes: false,
    activity: false,
    asleep: { kind: 'answer', answer: 'copy' },
    wording: 'text',
    reason: 'Browsers ask for it by themselves. Without a copy 503: they remember a 404.',
  },
  {
    name: 'browser-chore',
    which:
      'service worker script, web manifest, touch icons, `/.well-known/` of browsers, `/ads.txt`',
    when: ({ path, reads, fetchesWorker }) => reads && (fetchesWorker || isChore(path)),
    wakes: false,
    activity: false,
    asleep: later,
    wording: 'text',
    reason:
      'Asked for by the browser in the background; it keeps what it has when there is no answer, and asks again.',
  },
]

function isChore(path: string): boolean {
  return (
    /^\/(web\/service-worker\.js|web\/manifest\.webmanifest|service-worker\.js|ads\.txt|browserconfig\.xml)$/.test(
      path,
    ) ||
    /^\/apple-touch-icon[\w-]*\.png$/.test(path) ||
    /^\/\.well-known\/(traffic-advice|appspecific\/[\w.-]+|change-password)$/.test(path)
  )
}
