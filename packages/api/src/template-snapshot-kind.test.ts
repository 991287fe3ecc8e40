import { expect, test } from 'vitest'
import { ourKind, refusals, stored } from './legal-objects.suite.ts'

const kind = 'TemplateSnapshot'

test('without a source it is installed from scratch', () => {
  expect(stored(kind).spec).toMatchObject({ source: { install: {} }, modules: [] })
  expect(refusals(kind, stored(kind))).toEqual([])
})

test.each<[object, readonly string[]]>([
  [{ dump: '/a.dump' }, []],
  [{ dump: '/a.dump', filestore: '/a.tar.gz' }, []],
  [{}, ['spec.source: must have one of dump and install']],
  [{ filestore: '/a.tar.gz' }, ['spec.source: must have one of dump and install']],
  [{ dump: '/a.dump', install: {} }, ['spec.source: must have only one of dump and install']],
  [
    { install: {}, filestore: '/a.tar.gz' },
    ['spec.source.filestore: is for a source with a dump only'],
  ],
])('source %j', (source, expected) => {
  expect(refusals(kind, stored(kind, { source }))).toEqual(expected)
})

test('it is named after edition and version, which never change', () => {
  expect(refusals(kind, stored(kind, {}, 'mine'))).toEqual([
    'metadata.name: must be {edition}-{odooVersion}, "basic-18"',
  ])
  expect(refusals(kind, stored(kind, { edition: 'pro' }, 'pro-18'), stored(kind))).toEqual([
    'spec.edition: is immutable',
  ])
})

test('it claims the name of its database', () => {
  expect(ourKind(kind).uniqueNames?.(stored(kind))).toEqual([
    { value: 'host:basic-template-18.localhost', field: 'spec.edition' },
  ])
})
