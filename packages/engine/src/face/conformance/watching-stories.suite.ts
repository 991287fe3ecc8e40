import {
  accept,
  client,
  clients,
  configMap,
  get,
  inside,
  patch,
  post,
  remove,
} from './calls.suite.ts'
import { letGo } from './letting-go.suite.ts'
import type { Seen, Story } from './story.suite.ts'
import { tableEvents } from './table-view.suite.ts'

const maps = inside('watching', 'configmaps')
/** Long enough for what has happened to be told, on a busy machine too. */
const shortly = 'watch=true&timeoutSeconds=2'
const streaming =
  'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'

const since =
  (title: string) =>
  (seen: Seen, query = '', path = maps) =>
    get(
      `${path}?${shortly}&resourceVersion=${seen.text(title, 'metadata', 'resourceVersion')}${query}`,
    )
const sinceNothing = since('nothing yet')

/** A watch is read until its time is over; what happened before it is told first. */
export const watchingStories: readonly Story[] = [
  {
    name: 'watching',
    rows: [
      { title: 'nothing yet', call: get(maps) },
      { title: 'create a', call: post(maps, configMap('a', { metadata: { labels: { l: 'a' } } })) },
      { title: 'change a', call: patch('merge', `${maps}/a`, { data: { a: '2' } }) },
      { title: 'create b', call: post(maps, configMap('b')) },
      {
        title: 'a leaves its selection',
        call: patch('merge', `${maps}/a`, { metadata: { labels: { l: 'z' } } }),
      },
      {
        title: 'a comes back',
        call: patch('merge', `${maps}/a`, { metadata: { labels: { l: 'a' } } }),
      },
      { title: 'delete b', call: remove(`${maps}/b`) },
      { title: 'all', call: (seen) => sinceNothing(seen) },
      { title: 'one label', call: (seen) => sinceNothing(seen, '&labelSelector=l%3Da') },
      { title: 'one name', call: (seen) => sinceNothing(seen, '&fieldSelector=metadata.name%3Db') },
      {
        title: 'everywhere',
        call: (seen) => sinceNothing(seen, '&labelSelector=l%3Da', '/api/v1/configmaps'),
      },
      { title: 'one object by its path', call: (seen) => sinceNothing(seen, '', `${maps}/b`) },
      { title: 'from the middle', call: (seen) => since('create b')(seen) },
      {
        title: 'tables',
        call: (seen) => ({ ...sinceNothing(seen), accept: accept.table }),
        view: tableEvents,
      },
      { title: 'metadata', call: (seen) => ({ ...sinceNothing(seen), accept: accept.partial }) },
      {
        title: 'YAML',
        call: (seen) => ({ ...sinceNothing(seen), accept: 'application/yaml' }),
        view: () => undefined,
      },
      { title: 'HTML', call: (seen) => ({ ...sinceNothing(seen), accept: 'text/html' }) },
      { title: 'from now on', call: get(`${maps}?${shortly}`), view: withoutBookmarks },
      {
        title: 'from version 0',
        call: get(`${maps}?${shortly}&resourceVersion=0`),
        view: withoutBookmarks,
      },
      {
        title: 'with initial events',
        call: get(`${maps}?${shortly}&${streaming}`),
        view: untilInitialEnd,
      },
      {
        title: 'with initial events since a version',
        call: (seen) => sinceNothing(seen, `&${streaming}`),
        view: untilInitialEnd,
      },
      {
        title: 'with initial events, as tables',
        call: get(`${maps}?${shortly}&${streaming}`, { accept: accept.table }),
        view: (body) => tableEvents(untilInitialEnd(body)),
      },
      {
        title: 'with initial events, as metadata',
        call: get(`${maps}?${shortly}&${streaming}`, { accept: accept.partial }),
        view: untilInitialEnd,
      },
      {
        title: 'with initial events of nothing',
        call: get(`${inside('watching', 'secrets')}?${shortly}&${streaming}`),
        view: untilInitialEnd,
      },
      {
        title: 'with initial events, no bookmarks',
        call: get(`${maps}?${shortly}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`),
        view: untilInitialEnd,
      },
      {
        title: 'with initial events, and no match',
        call: get(`${maps}?${shortly}&sendInitialEvents=true`),
      },
      {
        title: 'with initial events, exactly',
        call: get(
          `${maps}?${shortly}&sendInitialEvents=true&resourceVersionMatch=Exact&resourceVersion=1`,
        ),
      },
      {
        title: 'without initial events',
        call: get(`${maps}?${shortly}&sendInitialEvents=false&resourceVersionMatch=NotOlderThan`),
        view: withoutBookmarks,
      },
      {
        title: 'a match without initial events',
        call: get(`${maps}?${shortly}&resourceVersionMatch=NotOlderThan&resourceVersion=0`),
      },
      { title: 'a version that is none', call: get(`${maps}?${shortly}&resourceVersion=x`) },
      { title: 'a version long gone', call: get(`${maps}?${shortly}&resourceVersion=1`) },
      { title: 'a selector that is none', call: get(`${maps}?${shortly}&labelSelector=a%20b`) },
      { title: 'a field that is none', call: get(`${maps}?${shortly}&fieldSelector=data.a%3D1`) },
      { title: 'a time that is none', call: get(`${maps}?watch=true&timeoutSeconds=soon`) },
      {
        title: 'watch=1',
        call: (seen) =>
          get(
            `${maps}?watch=1&timeoutSeconds=2&resourceVersion=${seen.text('nothing yet', 'metadata', 'resourceVersion')}`,
          ),
      },
      { title: 'watch=false', call: get(`${maps}?watch=false&timeoutSeconds=2`) },
      {
        title: 'a watch by the old path',
        call: (seen) =>
          get(
            `/api/v1/watch/namespaces/watching/configmaps?timeoutSeconds=2&resourceVersion=${seen.text('nothing yet', 'metadata', 'resourceVersion')}`,
          ),
      },
      {
        title: 'in a namespace that is not there',
        call: get(`${inside('nowhere', 'configmaps')}?${shortly}`),
      },
      { title: 'a kind that nobody has', call: get(`/api/v1/nothings?${shortly}`) },
    ],
  },
  {
    name: 'watching-ours',
    rows: [
      { title: 'nothing yet', call: get(clients), view: () => undefined },
      { title: 'create', call: post(clients, client('watching-a')) },
      {
        title: 'change',
        call: patch('merge', `${clients}/watching-a`, { spec: { ownerName: 'Bo' } }),
      },
      {
        title: 'state',
        call: patch('merge', `${clients}/watching-a/status`, {
          status: { url: 'http://a.localhost' },
        }),
      },
      { title: 'delete', call: remove(`${clients}/watching-a`) },
      ...letGo('watching-a'),
      {
        title: 'all',
        call: (seen) =>
          since('nothing yet')(seen, '&fieldSelector=metadata.name%3Dwatching-a', clients),
      },
      {
        title: 'by a field',
        call: (seen) => since('nothing yet')(seen, '&fieldSelector=spec.tier%3Dpro', clients),
      },
      {
        title: 'with initial events of ours',
        call: get(`${clients}?${shortly}&${streaming}&fieldSelector=metadata.name%3Dwatching-a`),
        view: untilInitialEnd,
      },
      {
        title: 'tables',
        call: (seen) => ({ ...since('nothing yet')(seen, '', clients), accept: accept.table }),
        view: tableEvents,
      },
    ],
  },
]

/** Each server says in its own time where it is. */
function withoutBookmarks(events: unknown): unknown {
  return Array.isArray(events) ? events.filter(({ type }) => type !== 'BOOKMARK') : events
}

function untilInitialEnd(events: unknown): unknown {
  if (!Array.isArray(events)) return events
  const end = events.findIndex(({ type }) => type === 'BOOKMARK')
  return end < 0 ? events : events.slice(0, end + 1)
}
