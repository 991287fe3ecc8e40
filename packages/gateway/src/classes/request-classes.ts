import { keptKindOf } from '../static/kept-kinds.ts'
import type { Asleep, RequestClassRow } from './request-class.ts'

const hold: Asleep = { kind: 'hold' }
const later: Asleep = { kind: 'answer', answer: 'later' }

/** Applies to every request, so it stands last. */
export const otherRequest: RequestClassRow = {
  name: 'other',
  which: 'everything else: programs, webhooks, preflights',
  when: () => true,
  wakes: true,
  activity: true,
  asleep: hold,
  wording: 'problem',
  reason: 'What is not known is held, never lost.',
}

/**
 * What each request gets: the first row that applies. This table is also docs/reference/request-classes.md. Whoever
 * reads (GET, HEAD) gets a kept copy first, whatever its row: it costs nobody anything.
 */
export const requestClasses: readonly RequestClassRow[] = [
  {
    name: 'websocket',
    which: 'handshake of a WebSocket',
    when: ({ upgradesToWebsocket, method }) => upgradesToWebsocket && method === 'GET',
    wakes: false,
    activity: false,
    asleep: { kind: 'park' },
    wording: 'text',
    reason:
      'Each open tab has one and opens it again by itself: it would never sleep. What a user sends over it counts by frame.',
  },
  {
    name: 'long-poll',
    which: '`/longpolling/…`',
    when: ({ path }) => path.startsWith('/longpolling/'),
    wakes: false,
    activity: false,
    asleep: { kind: 'park' },
    wording: 'text',
    reason: 'The older way of the same: a tab asks again as soon as it has its answer.',
  },
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
  {
    name: 'static-file',
    which: '`/<module>/static/…`',
    when: ({ path, reads }) => reads && keptKindOf(path, '') === 'static',
    wakes: true,
    activity: false,
    asleep: { kind: 'cache' },
    wording: 'text',
    reason:
      'The same bytes for everybody, and the gateway has the runtime’s. A tenant’s own are Odoo’s to serve.',
  },
  {
    name: 'asset-bundle',
    which: '`/web/assets/<hash>/…`',
    when: ({ path, query, reads }) => reads && keptKindOf(path, query) === 'bundle',
    wakes: true,
    activity: false,
    asleep: { kind: 'cache' },
    wording: 'text',
    reason: 'Odoo checks the hash: a copy under it can never be stale.',
  },
  {
    name: 'unique-file',
    which: '`/web/image` and `/web/content` with a unique hash',
    when: ({ path, query, reads }) => reads && keptKindOf(path, query) === 'unique',
    wakes: true,
    activity: false,
    asleep: { kind: 'cache' },
    wording: 'text',
    reason:
      'Kept only if Odoo said that it is public and does not change. Part of a page, no doing of a user.',
  },
  {
    name: 'tab-poll',
    which: '`/websocket/{peek_notifications,update_bus_presence,on_closed}`',
    when: ({ path }) =>
      /^\/websocket\/(peek_notifications|update_bus_presence|on_closed)$/.test(path),
    wakes: false,
    activity: false,
    asleep: later,
    wording: 'text',
    reason:
      'Sent by clients in the background on a timer; what they ask for is kept until they come back.',
  },
  {
    name: 'tab-return',
    which:
      '`/web/webclient/version_info`, `/bus/{has_missed_notifications,get_autovacuum_info}`, `/calendar/notify`',
    when: ({ path }) =>
      /^\/(web\/webclient\/version_info|bus\/(has_missed_notifications|get_autovacuum_info)|calendar\/notify)$/.test(
        path,
      ),
    wakes: true,
    activity: false,
    asleep: hold,
    wording: 'text',
    reason:
      'Asked once by a tab that was cut off, or for an appointment that is due; any error would show “connection lost” and be asked again and again.',
  },
  {
    name: 'json-2',
    which: '`/json/…`',
    when: ({ path }) => path.startsWith('/json/'),
    wakes: true,
    activity: true,
    asleep: hold,
    wording: 'problem',
    reason: 'A program that works for a user.',
  },
  {
    name: 'xml-rpc',
    which: '`/xmlrpc/2/{common,object}` and their older twins',
    when: ({ path }) => path.startsWith('/xmlrpc/'),
    wakes: true,
    activity: true,
    asleep: hold,
    wording: 'fault',
    reason: 'A program that works for a user; its login stands in the body.',
  },
  {
    name: 'form-post',
    which: 'forms and uploads: form content types, other than GET and HEAD',
    when: ({ submitsForm }) => submitsForm,
    wakes: true,
    activity: true,
    asleep: hold,
    wording: 'page',
    reason:
      'What was typed stands in its body alone. It never gets a waiting page, and never is sent twice.',
  },
  {
    name: 'xhr',
    which:
      'requests of scripts: Fetch Metadata `cors` or `same-origin`, `X-Requested-With`, JSON bodies',
    when: ({ isScripted }) => isScripted,
    wakes: true,
    activity: true,
    asleep: hold,
    wording: 'text',
    reason:
      'The page waits for it and could not show another page. A session cookie is a hint; Odoo decides.',
  },
  {
    name: 'download',
    which: 'navigations to `/web/content`, `/web/image`, `/web/export`, `/report/…`',
    when: ({ path, method, navigates }) =>
      method === 'GET' && navigates && /^\/(web\/(content|image|export)|report)(\/|$)/.test(path),
    wakes: true,
    activity: true,
    asleep: hold,
    wording: 'page',
    reason: 'A file takes the place of no page: a waiting page would stay for ever beside it.',
  },
  {
    name: 'page',
    which: 'GET of a document: Fetch Metadata `navigate`, else `Accept: text/html`',
    when: ({ method, navigates }) => method === 'GET' && navigates,
    wakes: true,
    activity: true,
    asleep: { kind: 'page' },
    wording: 'page',
    reason:
      'A person looks at it. Under two seconds an empty tab is less to notice than a page that changes.',
  },
  {
    name: 'subresource',
    which: 'pictures, styles, scripts, fonts, sounds within a page or a mail',
    when: ({ reads, isEmbedded }) => reads && isEmbedded,
    wakes: true,
    activity: false,
    asleep: hold,
    wording: 'text',
    reason:
      'A picture in a mail may count who has read it, so none is lost; but it keeps nothing awake.',
  },
  {
    name: 'head',
    which: 'HEAD of anything else',
    when: ({ method }) => method === 'HEAD',
    wakes: true,
    activity: false,
    asleep: hold,
    wording: 'text',
    reason:
      'Often a monitor that nobody has declared: it learns the truth, within the wake limits, but keeps nothing awake.',
  },
  otherRequest,
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
