import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRoute } from './route.ts'

test.each([
  ['/api/v1/pods', { group: '', version: 'v1', plural: 'pods' }],
  ['/api/v1/namespaces', { group: '', version: 'v1', plural: 'namespaces' }],
  ['/api/v1/namespaces/a', { group: '', version: 'v1', plural: 'namespaces', name: 'a' }],
  [
    '/api/v1/namespaces/a/status',
    { group: '', version: 'v1', plural: 'namespaces', name: 'a', subresource: 'status' },
  ],
  ['/api/v1/namespaces/a/pods', { group: '', version: 'v1', namespace: 'a', plural: 'pods' }],
  [
    '/api/v1/namespaces/a/pods/b/log',
    { group: '', version: 'v1', namespace: 'a', plural: 'pods', name: 'b', subresource: 'log' },
  ],
  [
    '/apis/apps/v1/namespaces/a/deployments/b/scale',
    {
      group: 'apps',
      version: 'v1',
      namespace: 'a',
      plural: 'deployments',
      name: 'b',
      subresource: 'scale',
    },
  ],
  ['/apis/x.y/v1/things/a%2Db/', { group: 'x.y', version: 'v1', plural: 'things', name: 'a-b' }],
])('%s names a resource', (path, parts) => {
  expect(parseRoute(path)).toEqual({ type: 'resource', ...parts })
})

test.each([
  '/version',
  '/api',
  '/api/v1',
  '/apis',
  '/apis/apps',
  '/apis/apps/v1',
  '/openapi/v3/api/v1',
])('%s is a document', (path) => {
  expect(parseRoute(path)).toEqual({ type: 'document', path })
})

test.each([
  '/api//pods',
  '/api/v1/namespaces/a/pods/b/log/more',
  '/api/v1/pods/%2e%2e',
  '/api/v1/pods/a%2Fb',
])('%s names nothing', (path) => {
  expect(parseRoute(path)).toBeUndefined()
})

test('a broken percent sign is a 400', () => {
  expect(() => parseRoute('/api/v1/pods/%zz')).toThrow(/percent-encoded/)
})

test('no name that is read from a path holds a slash or leads upwards', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 8 }), (parts) => {
      const route = parseRoute(`/apis/${parts.map(encodeURIComponent).join('/')}`)
      if (route?.type !== 'resource') return
      for (const name of [route.namespace, route.plural, route.name, route.subresource]) {
        expect(name ?? '').not.toMatch(/\/|^\.\.?$/)
      }
    }),
  )
})
