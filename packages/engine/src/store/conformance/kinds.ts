import { type Cause, isRecord, type KindDefinition, type KubeObject, StatusError } from '@pulse/api'
import type { KindLookup } from '../../objects.ts'

/** Small kinds that have every property of a kind once: the suite depends on no real one. */
const plain: KindDefinition = {
  group: 'test.pulse',
  version: 'v1',
  kind: 'Note',
  plural: 'notes',
  singular: 'note',
  shortNames: [],
  categories: [],
  namespaced: false,
  description: 'No status, no rules, cluster-scoped.',
  schema: { type: 'object' },
  structural: false,
  columns: [],
  hasStatus: false,
  selectableFields: [],
  setDefaults: (object) => object,
  validate: () => [],
  lists: {},
}

const widget: KindDefinition = {
  ...plain,
  kind: 'Widget',
  plural: 'widgets',
  singular: 'widget',
  namespaced: true,
  hasStatus: true,
  scale: {
    specReplicas: '.spec.replicas',
    statusReplicas: '.status.replicas',
    labelSelector: '.spec.selector',
  },
  selectableFields: ['spec.color'],
  setDefaults: (object) => ({ ...object, spec: { size: 1, ...specOf(object) } }),
  validate: (object, old) => [
    ...rule(typeof specOf(object).size === 'number', 'spec.size', 'a number'),
    ...rule(specOf(object).color !== 'ugly', 'spec.color', 'not ugly'),
    ...rule(
      old === undefined || specOf(old).fixed === specOf(object).fixed,
      'spec.fixed',
      'is immutable',
    ),
  ],
  admission: {
    requires: (object) => ({
      palette: { apiVersion: 'test.pulse/v1', kind: 'Note', name: String(specOf(object).palette) },
    }),
    validate: (object, _old, { palette = [] }) =>
      rule(
        specOf(object).palette === undefined || palette.length === 1,
        'spec.palette',
        'names a Note that exists',
      ),
  },
  uniqueNames: (object) => {
    const { host } = specOf(object)
    return typeof host === 'string' ? [{ value: `host:${host}`, field: 'spec.host' }] : []
  },
  lists: {
    'spec.tags': { type: 'set' },
    'spec.ports': { type: 'map', keys: ['port', 'protocol'], patchKey: 'port' },
    'spec.parts': { type: 'map', keys: ['name'] },
    'spec.parts.env': { type: 'map', keys: ['name'] },
    'status.conditions': { type: 'map', keys: ['type'] },
  },
}

const namespace: KindDefinition = {
  ...plain,
  group: '',
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  hasStatus: true,
}

const definitions = [plain, widget, namespace]

export const testKinds: KindLookup = (apiVersion, kind) => {
  const found = definitions.find(
    (definition) =>
      definition.kind === kind &&
      [definition.group, definition.version].filter((part) => part !== '').join('/') === apiVersion,
  )
  if (found === undefined) throw new StatusError('NotFound', `no kind ${apiVersion} ${kind}`)
  return found
}

export const testDefinitions = definitions

function specOf(object: KubeObject): Readonly<Record<string, unknown>> {
  return isRecord(object.spec) ? object.spec : {}
}

function rule(holds: boolean, field: string, message: string): readonly Cause[] {
  return holds ? [] : [{ reason: 'FieldValueInvalid', field, message }]
}
