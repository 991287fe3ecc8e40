import { expect, test } from 'vitest'
import { parseManifests } from './manifests.ts'

const client = 'apiVersion: planapulse.com/v1alpha1\nkind: PLANAClient\nmetadata: {name: acme}\n'

test('several documents, JSON and lists are read', () => {
  expect(parseManifests(`${client}---\n${client}`, 'a.yaml')).toHaveLength(2)
  expect(
    parseManifests('{"apiVersion":"v1","kind":"X","metadata":{"name":"a"}}', '-'),
  ).toHaveLength(1)
  const list = `apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: X, metadata: {name: a}}\n`
  expect(parseManifests(list, 'a.yaml')).toMatchObject([{ object: { kind: 'X' } }])
})

test('a list within a list is read whole', () => {
  const inner = `{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: X, metadata: {name: a}}]}`
  const objects = parseManifests(`apiVersion: v1\nkind: List\nitems: [${inner}]\n`, 'a.yaml')
  expect(objects).toMatchObject([{ object: { kind: 'X', metadata: { name: 'a' } } }])
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

test.each([
  ['a field', 'spec.sleep.idleTimeout', 7],
  ['an item', 'spec.aliases[1]', 10],
  ['what is not there', 'spec.sleep.wakeTimeout', 6],
  ['an item that is not there', 'spec.aliases[7]', 8],
  ['a key with dots', 'metadata.labels[a.b/c]', 4],
  ['a field as its managers name it', '.spec.tier', 11],
  ['an object as a whole', 'status', 1],
])('%s has the line of the nearest thing that is there', (_what, field, line) => {
  const text = `apiVersion: v1
kind: X
metadata: {name: a,
  labels: {a.b/c: d}}
spec:
  sleep:
    idleTimeout: 1m
  aliases:
    - one.example
    - two.example
  tier: pro
`
  const [manifest] = parseManifests(text, 'a.yaml')
  expect(manifest?.placeOf(field)).toEqual({ source: 'a.yaml', line })
})

test('objects of a list, of later documents and of JSON know their own lines', () => {
  const item = '  - apiVersion: v1\n    kind: X\n    metadata:\n      name: '
  const list = `apiVersion: v1\nkind: List\nitems:\n${item}a\n${item}b\n`
  const json = JSON.stringify({ apiVersion: 'v1', kind: 'X', metadata: { name: 'c' } }, null, 2)
  const manifests = parseManifests(`${list}---\n${json}\n`, 'a.yaml')
  const lines = manifests.map(({ placeOf }) => placeOf('metadata.name').line)
  expect(lines).toEqual([7, 11, 17])
})

test('a value that is taken from elsewhere in the text has the line that takes it', () => {
  const text = 'apiVersion: v1\nkind: X\nmetadata: {name: a}\none: &one\n  b: c\nspec: *one\n'
  expect(parseManifests(text, 'a.yaml')[0]?.placeOf('spec.b').line).toBe(6)
})
