import { expect, test } from 'vitest'
import { parseManifests } from './manifests.ts'

const client = 'apiVersion: planapulse.com/v1alpha1\nkind: PLANAClient\nmetadata: {name: acme}\n'

test('several documents, JSON and lists are read', () => {
  expect(parseManifests(`${client}---\n${client}`, 'a.yaml')).toHaveLength(2)
  expect(
    parseManifests('{"apiVersion":"v1","kind":"X","metadata":{"name":"a"}}', '-'),
  ).toHaveLength(1)
  const list = `apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: X, metadata: {name: a}}\n`
  expect(parseManifests(list, 'a.yaml')).toMatchObject([{ kind: 'X' }])
})

test('a list within a list is read whole', () => {
  const inner = `{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: X, metadata: {name: a}}]}`
  const objects = parseManifests(`apiVersion: v1\nkind: List\nitems: [${inner}]\n`, 'a.yaml')
  expect(objects).toMatchObject([{ kind: 'X', metadata: { name: 'a' } }])
})

test.each([
  ['a broken mapping', 'a: b\n  c: d\n', /^a\.yaml:\d+:\d+: /],
  ['a key given twice', 'a: 1\na: 2\n', /^a\.yaml:2:1: /],
  ['a missing kind', 'apiVersion: v1\nmetadata: {name: a}\n', /^a\.yaml:1:1: kind is missing/],
  ['a missing name', 'apiVersion: v1\nkind: X\nmetadata: {}\n', /metadata\.name is missing/],
  [
    'a generated name',
    'apiVersion: v1\nkind: X\nmetadata: {generateName: a-}\n',
    /^a\.yaml:1:1: metadata\.generateName: /,
  ],
  [
    'a name that is no text',
    'apiVersion: v1\nkind: X\nmetadata: {name: 1}\n',
    /metadata\.name must/,
  ],
  [
    'a mistake in a list',
    'apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: X, metadata: {}}]\n',
    /items\[0\]: metadata\.name is missing/,
  ],
  ['a bare word', 'hello', /an object with apiVersion/],
  ['nothing', '', /no objects/],
])('%s is told with file, line and column', (_name, text, message) => {
  expect(() => parseManifests(text, 'a.yaml')).toThrow(message)
})

test('a mistake of YAML is told with its place once, and shown', () => {
  expect(() => parseManifests('a: 1\na: 2\n', 'a.yaml')).toThrow(
    /^a\.yaml:2:1: Map keys must be unique\n {2}a: 1\n {2}a: 2\n {2}\^\n?$/,
  )
})

test('all mistakes of all documents are told at once', () => {
  expect(() => parseManifests('kind: X\n---\napiVersion: v1\n', 'a.yaml')).toThrow(
    /apiVersion is missing[\s\S]*kind is missing/,
  )
})
