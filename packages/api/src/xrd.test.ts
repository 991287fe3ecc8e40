import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { ourKind, ourKinds } from './legal-objects.suite.ts'
import { compositeResourceDefinition, compositeResourceDefinitionYaml } from './xrd.ts'

describe.each(ourKinds)('the definition of $kind', (kind) => {
  test('is cluster-scoped, and its YAML says the same', () => {
    const definition = compositeResourceDefinition(kind)
    expect(definition).toMatchObject({
      apiVersion: 'apiextensions.crossplane.io/v2',
      metadata: { name: `${kind.plural}.planapulse.com` },
      spec: { scope: 'Cluster', names: { kind: kind.kind } },
    })
    expect(parse(compositeResourceDefinitionYaml(kind))).toEqual(definition)
  })

  test('has no rule that its own notes in the spec would break', () => {
    const spec = specOf(kind.kind)
    const rules = JSON.stringify(spec['x-kubernetes-validations'] ?? [])
    expect(rules).not.toContain('self == oldSelf')
  })
})

test('what is immutable at our door is immutable by CEL', () => {
  const properties = { ...Object(specOf('PLANAClient').properties) }
  const rule = [{ rule: 'self == oldSelf', message: 'is immutable' }]
  expect(properties.subdomain['x-kubernetes-validations']).toEqual(rule)
  expect(properties.tier['x-kubernetes-validations']).toBeUndefined()
  expect(specOf('EnvironmentRestore')['x-kubernetes-validations']).toEqual([
    { rule: 'has(self.target) == has(oldSelf.target)', message: 'target is immutable' },
  ])
})

test('a writer need not give what has a default', () => {
  expect(specOf('PLANAClient').required).toEqual([
    'subdomain',
    'projectId',
    'ownerEmail',
    'ownerName',
  ])
})

function specOf(kind: string): Record<string, unknown> {
  const { properties } = ourKind(kind).schema
  return { ...Object(properties).spec }
}
