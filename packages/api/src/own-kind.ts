import type { TSchema } from 'typebox'
import { ownAnnotationCauses } from './annotation-rules.ts'
import { type Cause, invalid } from './cause.ts'
import { fillDefaults } from './fill-defaults.ts'
import { withFinalizer } from './finalizer.ts'
import { apiGroup, apiGroupVersion, apiVersion } from './group.ts'
import { immutableCauses } from './immutable.ts'
import type { Admission, KindDefinition, ListType, PrintColumn, UniqueName } from './kind.ts'
import { metadataCauses } from './metadata-causes.ts'
import type { KubeObject } from './object.ts'
import { objectLists } from './object-lists.ts'
import { publishedSchema } from './published-schema.ts'
import { isRecord, recordAt, sameValue, type UnknownRecord } from './record.ts'
import { structureCauses } from './structure-causes.ts'

/** What tells one of our kinds from another. */
export interface OwnKind {
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly description: string
  readonly spec: TSchema
  readonly status: TSchema
  /** Between Name and Age. */
  readonly columns: readonly PrintColumn[]
  /** Fields, or `spec` as a whole, that never change. */
  readonly immutable: readonly string[]
  readonly selectableFields: readonly string[]
  /** Defaults that follow from other fields; called after those of the schema. */
  readonly deriveSpec?: (spec: UnknownRecord) => UnknownRecord
  /** Labels that follow from the spec, by which other resources find this one. */
  readonly labels?: (spec: UnknownRecord) => Readonly<Record<string, string>>
  /** Put on at creation, before anyone can delete the object: only who takes it down lets it go. */
  readonly finalizer?: string
  /** Rules beyond the schema; must bear a spec of any shape. */
  readonly rules: (object: KubeObject, old: KubeObject | undefined) => readonly Cause[]
  readonly admission?: Admission
  readonly uniqueNames?: (object: KubeObject) => readonly UniqueName[]
  readonly lists?: Readonly<Record<string, ListType>>
}

/** A registry entry of our own group: cluster-scoped, with a status, refused as a whole with every mistake. */
export function ownKind(own: OwnKind): KindDefinition {
  return {
    group: apiGroup,
    version: apiGroupVersion,
    kind: own.kind,
    plural: own.plural,
    singular: own.singular,
    shortNames: own.shortNames,
    categories: ['pulse'],
    namespaced: false,
    description: own.description,
    schema: publishedSchema(own),
    structural: true,
    columns: [nameColumn, ...own.columns, ageColumn],
    hasStatus: true,
    selectableFields: own.selectableFields,
    setDefaults: (object) => withFinalizer(own.finalizer, setDefaults(own, object)),
    validate: (object, old, now) => validate(own, { object, old, now }),
    ...(own.admission === undefined ? {} : { admission: whenSpecChanges(own.admission) }),
    ...(own.uniqueNames === undefined ? {} : { uniqueNames: own.uniqueNames }),
    lists: { ...objectLists, ...own.lists },
  }
}

export const nameColumn: PrintColumn = {
  name: 'Name',
  type: 'string',
  description: 'Name of the object.',
  priority: 0,
  jsonPath: '.metadata.name',
  cell: ({ metadata }) => metadata.name,
}

export const ageColumn: PrintColumn = {
  name: 'Age',
  type: 'date',
  description: 'Time since the object was created.',
  priority: 0,
  jsonPath: '.metadata.creationTimestamp',
  cell: ({ metadata }) => metadata.creationTimestamp,
}

function setDefaults(own: OwnKind, object: KubeObject): KubeObject {
  const filled = fillDefaults(object.spec, own.spec)
  if (!isRecord(filled)) return object
  const spec = own.deriveSpec?.(filled) ?? filled
  const labels = own.labels?.(spec)
  if (labels === undefined) return { ...object, spec }
  const { metadata } = object
  return { ...object, metadata: { ...metadata, labels: { ...labels, ...metadata.labels } }, spec }
}

interface Write {
  readonly object: KubeObject
  readonly old: KubeObject | undefined
  readonly now: string | undefined
}

/**
 * A spec that did not change is not judged again: a rule that a newer version adds must not lock an object that
 * was legal before, least of all against the removal of its finalizer.
 */
function validate(own: OwnKind, { object, old, now }: Write): readonly Cause[] {
  const unchanged = old !== undefined && sameValue(object.spec, old.spec)
  const causes = [
    ...metadataCauses(object, 'label'),
    ...ownAnnotationCauses(object, old, now),
    ...topLevelCauses(object),
    ...labelCauses(own, object),
    ...(unchanged
      ? []
      : [
          ...structureCauses(own.spec, object.spec, 'spec'),
          ...immutableCauses(object, old, own.immutable),
          ...own.rules(object, old),
        ]),
    ...(object.status === undefined ? [] : structureCauses(own.status, object.status, 'status')),
  ]
  return causes.filter(
    ({ field, message }, index) =>
      causes.findIndex((cause) => cause.field === field && cause.message === message) === index,
  )
}

function topLevelCauses(object: KubeObject): readonly Cause[] {
  const unknown = Object.keys(object).filter(
    (field) => !['apiVersion', 'kind', 'metadata', 'spec', 'status'].includes(field),
  )
  const version = object.apiVersion === apiVersion
  return [
    ...(version ? [] : [invalid('apiVersion', `must be ${apiVersion}`)]),
    ...unknown.map((field) => invalid(field, 'is unknown')),
  ]
}

function labelCauses(own: OwnKind, object: KubeObject): readonly Cause[] {
  const spec = recordAt(object, 'spec')
  if (own.labels === undefined || spec === undefined) return []
  return Object.entries(own.labels(spec))
    .filter(([key, value]) => (object.metadata.labels?.[key] ?? value) !== value)
    .map(([key, value]) => invalid(`metadata.labels[${key}]`, `must be "${value}", as in the spec`))
}

/** Rules about other objects are asked again only when this spec changes: theirs may change under it. */
function whenSpecChanges(admission: Admission): Admission {
  return {
    requires: admission.requires,
    validate: (object, old, required) =>
      old !== undefined && sameValue(object.spec, old.spec)
        ? []
        : admission.validate(object, old, required),
  }
}
