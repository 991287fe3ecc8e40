import fc from 'fast-check'
import Schema from 'typebox/schema'
import { describe, expect, test } from 'vitest'
import type { KindDefinition } from './kind.ts'
import { ourKinds, stored, written } from './legal-objects.suite.ts'
import { apiVersionOf, createClientKinds, createKinds } from './registry.ts'
import { StatusError } from './status-error.ts'

const { kinds, findKind, findResource } = await createKinds()

function empty({ group, version, kind, namespaced }: KindDefinition) {
  const metadata = namespaced ? { name: 'x', namespace: 'y' } : { name: 'x' }
  return { apiVersion: apiVersionOf({ group, version }), kind, metadata }
}

test('no two kinds of a group share a name', () => {
  for (const part of ['kind', 'plural', 'singular'] as const) {
    const names = kinds.map((kind) => `${apiVersionOf(kind)}/${kind[part]}`)
    expect(new Set(names).size).toBe(names.length)
  }
})

test('no word of the command line means two kinds', () => {
  const words = kinds.flatMap(({ plural, singular, shortNames }) => [
    ...new Set([plural, singular, ...shortNames]),
  ])
  expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([])
})

describe.each(kinds)('$kind', (kind) => {
  test('is found by kind and by URL', () => {
    expect(findKind(apiVersionOf(kind), kind.kind)).toBe(kind)
    expect(findResource(kind.group, kind.version, kind.plural)).toBe(kind)
  })

  test('shows, fills in and judges an empty object without falling over', () => {
    const object = kind.setDefaults(empty(kind))
    for (const { cell } of kind.columns) expect(() => cell(object)).not.toThrow()
    expect(() => kind.validate(object, undefined)).not.toThrow()
    expect(kind.setDefaults(object)).toEqual(object)
  })

  test('is not brought down by values of the wrong type', () => {
    for (const value of [null, 7, 'text', [], [null, 7], { containers: [null], template: 'x' }]) {
      const object = kind.setDefaults({ ...empty(kind), spec: value, status: value, data: value })
      for (const { cell } of kind.columns) expect(() => cell(object)).not.toThrow()
      expect(() => kind.validate(object, object)).not.toThrow()
      expect(() => kind.validate(object, empty(kind))).not.toThrow()
    }
  })

  test('has a column of its name', () => {
    expect(kind.columns.map(({ name }) => name)).toContain('Name')
  })
})

test('no JSON at all brings a rule down, and what is refused names its field', () => {
  const kind = fc.constantFrom(...ourKinds)
  fc.assert(
    fc.property(kind, fc.jsonValue(), fc.jsonValue(), fc.string(), (own, value, other, field) => {
      const { spec, ...rest } = stored(own.kind)
      const given = { ...Object(spec), [field]: value, ...Object(other) }
      const object = own.setDefaults({ ...empty(own), ...rest, spec: given, status: other })
      for (const cause of own.validate(object, stored(own.kind))) {
        expect(cause.field).toMatch(/^(apiVersion|metadata|spec|status)/)
        expect(cause.message).not.toBe('')
      }
      own.uniqueNames?.(object)
      own.admission?.requires(object)
      own.admission?.validate(object, undefined, {})
    }),
  )
})

test('an unknown kind is a 404, an unknown resource nothing', () => {
  expect(() => findKind('v1', 'Unicorn')).toThrow(StatusError)
  expect(findResource('', 'v1', 'unicorns')).toBeUndefined()
})

describe.each(ourKinds)('the schema of $kind', (kind) => {
  test('allows both what a person writes and what is stored of it', () => {
    expect(Schema.Errors(kind.schema, written(kind.kind))[1]).toEqual([])
    expect(Schema.Errors(kind.schema, stored(kind.kind))[1]).toEqual([])
    expect(kind.validate(stored(kind.kind), undefined)).toEqual([])
  })

  test('survives being stored as JSON', () => {
    const object = stored(kind.kind)
    expect(kind.setDefaults(JSON.parse(JSON.stringify(object)))).toEqual(object)
  })

  test('fills in by itself what its published defaults promise', () => {
    const { spec } = stored(kind.kind)
    for (const [name, value] of Object.entries(defaultsOf(kind))) {
      expect(spec).toHaveProperty(name)
      if (typeof value !== 'object') expect(spec).toMatchObject({ [name]: value })
    }
  })

  test('is structural: every field has a type, and nothing beyond OpenAPI', () => {
    expect(untyped(kind.schema, '')).toEqual([])
    const foreign = /"(derived|patternProperties)":|"rule":"must|"additionalProperties":false/
    expect(JSON.stringify(kind.schema).match(foreign)).toBeNull()
  })
})

function defaultsOf({ schema }: KindDefinition): Readonly<Record<string, unknown>> {
  const spec = child(child(schema, 'properties'), 'spec')
  const properties = Object.entries(child(spec, 'properties'))
  return Object.fromEntries(
    properties.flatMap(([name, property]) => {
      const value = child({ property }, 'property').default
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** Paths of fields without a type; maps and lists are walked too. */
function untyped(schema: unknown, path: string): readonly string[] {
  const node = child({ schema }, 'schema')
  const typed = typeof node.type === 'string' || node['x-kubernetes-preserve-unknown-fields']
  const below = Object.entries(child(node, 'properties')).flatMap(([name, property]) =>
    untyped(property, `${path}.${name}`),
  )
  const items = 'items' in node ? untyped(node.items, `${path}[]`) : []
  const rest = 'additionalProperties' in node ? untyped(node.additionalProperties, `${path}{}`) : []
  return [...(typed ? [] : [path]), ...below, ...items, ...rest]
}

function child(parent: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> {
  const value = parent[name]
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

test('a kind that was misspelt is told with the one that was probably meant', () => {
  expect(() => createClientKinds().findKind('planapulse.com/v1alpha1', 'PlanaClient')).toThrow(
    'there is no kind PlanaClient in planapulse.com/v1alpha1; did you mean PLANAClient?',
  )
})
