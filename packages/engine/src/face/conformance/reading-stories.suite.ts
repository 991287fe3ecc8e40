import { isRecord } from '@pulse/api'
import { client, clients, configMap, get, inside, post } from './calls.suite.ts'
import { letGo } from './letting-go.suite.ts'
import type { Story } from './story.suite.ts'

const maps = inside('reading', 'configmaps')
const selection = 'labelSelector=set%3Done'

/** Objects of other namespaces and of the servers themselves are not compared. */
export const readingStories: readonly Story[] = [
  {
    name: 'reading',
    rows: [
      ...['a', 'b', 'c', 'd', 'e'].map((name) => ({
        title: `create ${name}`,
        call: post(maps, configMap(name, { metadata: { labels: { set: 'one', [name]: 'yes' } } })),
      })),
      { title: 'get', call: get(`${maps}/a`) },
      { title: 'get of what is not there', call: get(`${maps}/none`) },
      {
        title: 'get in a namespace that is not there',
        call: get(`${inside('nowhere', 'configmaps')}/a`),
      },
      { title: 'get with a version', call: get(`${maps}/a?resourceVersion=0`) },
      {
        title: 'get with a version from the future',
        call: get(`${maps}/a?resourceVersion=999999999`),
      },
      { title: 'get with a version that is none', call: get(`${maps}/a?resourceVersion=x`) },
      { title: 'list', call: get(maps) },
      {
        title: 'list in a namespace that is not there',
        call: get(inside('nowhere', 'configmaps')),
      },
      { title: 'list everywhere', call: get(`/api/v1/configmaps?${selection}`) },
      { title: 'pages: the first', call: get(`${maps}?limit=2`) },
      {
        title: 'pages: the second',
        call: (seen) =>
          get(
            `${maps}?limit=2&continue=${encodeURIComponent(seen.text('pages: the first', 'metadata', 'continue'))}`,
          ),
      },
      {
        title: 'pages: the last',
        call: (seen) =>
          get(
            `${maps}?limit=2&continue=${encodeURIComponent(seen.text('pages: the second', 'metadata', 'continue'))}`,
          ),
      },
      {
        title: 'pages: the rest at once',
        call: (seen) =>
          get(
            `${maps}?continue=${encodeURIComponent(seen.text('pages: the first', 'metadata', 'continue'))}`,
          ),
      },
      { title: 'pages with a selector', call: get(`${maps}?limit=2&${selection}`) },
      { title: 'a page as long as the list', call: get(`${maps}?limit=5`) },
      { title: 'limit 0', call: get(`${maps}?limit=0`) },
      { title: 'a negative limit', call: get(`${maps}?limit=-1`) },
      { title: 'a limit that is no number', call: get(`${maps}?limit=many`) },
      { title: 'a continue token that is none', call: get(`${maps}?limit=2&continue=abc`) },
      {
        title: 'a continue token and a version',
        call: (seen) =>
          get(
            `${maps}?continue=${encodeURIComponent(seen.text('pages: the first', 'metadata', 'continue'))}&resourceVersion=5`,
          ),
      },
      { title: 'version 0', call: get(`${maps}?resourceVersion=0`) },
      {
        title: 'version 0, not older',
        call: get(`${maps}?resourceVersion=0&resourceVersionMatch=NotOlderThan`),
      },
      {
        title: 'version 0, exactly',
        call: get(`${maps}?resourceVersion=0&resourceVersionMatch=Exact`),
      },
      { title: 'a match without a version', call: get(`${maps}?resourceVersionMatch=Exact`) },
      {
        title: 'a match that is none',
        call: get(`${maps}?resourceVersion=1&resourceVersionMatch=Other`),
      },
      {
        title: 'a known version, not older',
        call: (seen) =>
          get(
            `${maps}?resourceVersion=${seen.text('list', 'metadata', 'resourceVersion')}&resourceVersionMatch=NotOlderThan`,
          ),
      },
      {
        title: 'the present version, exactly',
        call: (seen) =>
          get(
            `${maps}?limit=500&resourceVersion=${seen.text('list', 'metadata', 'resourceVersion')}&resourceVersionMatch=Exact`,
          ),
      },
      { title: 'a version that is none', call: get(`${maps}?resourceVersion=x`) },
      { title: 'a version from the future', call: get(`${maps}?resourceVersion=999999999`) },
      {
        title: 'a match with a token',
        call: (seen) =>
          get(
            `${maps}?continue=${encodeURIComponent(seen.text('pages: the first', 'metadata', 'continue'))}&resourceVersionMatch=NotOlderThan&resourceVersion=1`,
          ),
      },
      {
        title: 'streaming initial events without a watch',
        call: get(`${maps}?sendInitialEvents=true`),
      },
    ],
  },
  {
    name: 'selecting',
    rows: [
      ...[
        ['a', 'one'],
        ['b', 'two'],
      ].map(([name = '', set = '']) => ({
        title: `create ${name}`,
        call: post(
          inside('selecting', 'configmaps'),
          configMap(name, { metadata: { labels: { set } } }),
        ),
      })),
      { title: 'create a client', call: post(clients, client('selecting-a')) },
      {
        title: 'create another client',
        call: post(clients, client('selecting-b', { tier: 'enterprise', resources: 'enterprise' })),
      },
      ...[
        'labelSelector=set=one',
        'labelSelector=set==one',
        'labelSelector=set!=one',
        'labelSelector=set in (one,two)',
        'labelSelector=set notin (one)',
        'labelSelector=set',
        'labelSelector=!set',
        'labelSelector=set>1',
        'labelSelector=',
        'labelSelector=set=one,set=two',
        'labelSelector=set in',
        'labelSelector=a b',
        'labelSelector=-bad=1',
        'labelSelector=set=bad value',
        'fieldSelector=metadata.name=a',
        'fieldSelector=metadata.name==a',
        'fieldSelector=metadata.name!=a',
        'fieldSelector=metadata.namespace=selecting',
        'fieldSelector=metadata.namespace=other',
        'fieldSelector=metadata.name=a,metadata.namespace=selecting',
        'fieldSelector=data.a=1',
        'fieldSelector=metadata.uid=1',
        'fieldSelector=metadata.name',
        'fieldSelector=',
      ].map((query) => ({
        title: query,
        call: get(`${inside('selecting', 'configmaps')}?${encodeURI(query)}`),
      })),
      ...[
        'spec.tier=pro',
        'spec.tier!=pro',
        'spec.odooVersion=18,spec.tier=enterprise',
        'spec.projectId=1',
        'spec.nothing=1',
        'metadata.name=selecting-a',
      ].map((query) => ({
        title: `clients with ${query}`,
        call: get(`${clients}?fieldSelector=${encodeURIComponent(query)}`),
        view: namesIn('selecting-'),
      })),
      {
        title: 'pods by an unknown field',
        call: get(`${inside('selecting', 'pods')}?fieldSelector=spec.priority%3D1`),
      },
      {
        title: 'pods by their phase',
        call: get(`${inside('selecting', 'pods')}?fieldSelector=status.phase%3DRunning`),
      },
      {
        title: 'secrets by their type',
        call: get(`${inside('selecting', 'secrets')}?fieldSelector=type%3DOpaque`),
      },
      ...letGo('selecting-a', 'selecting-b'),
    ],
  },
]

function namesIn(prefix: string) {
  return (body: unknown): unknown => {
    if (!isRecord(body) || !Array.isArray(body.items)) return body
    const names = body.items.map(({ metadata }) => metadata.name)
    return { ...body, items: names.filter((name: string) => name.startsWith(prefix)) }
  }
}
