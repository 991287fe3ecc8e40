import type { Cause } from '../cause.ts'
import type { KindDefinition, ListType, PrintColumn, ScalePaths } from '../kind.ts'
import { metadataCauses, type NameRule } from '../metadata-causes.ts'
import type { KubeObject } from '../object.ts'
import { objectLists } from '../object-lists.ts'
import { ageColumn, nameColumn } from '../own-kind.ts'
import { sameValue, type UnknownRecord } from '../record.ts'

/** What tells one of Kubernetes' own kinds from another. */
export interface BuiltInKind {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  /** True unless said otherwise. */
  readonly namespaced?: boolean
  readonly description: string
  readonly nameRule?: NameRule
  /** Between Name and Age. */
  readonly columns?: readonly PrintColumn[]
  /** After Age, for `-o wide`. */
  readonly wideColumns?: readonly PrintColumn[]
  /** Instead of Name, `columns` and Age. */
  readonly allColumns?: readonly PrintColumn[]
  readonly hasStatus?: boolean
  readonly scale?: ScalePaths
  readonly selectableFields?: readonly string[]
  readonly setDefaults?: (object: KubeObject) => KubeObject
  /** Rules beyond the official schema: what cannot change, what must agree. */
  readonly rules?: (object: KubeObject, old: KubeObject | undefined) => readonly Cause[]
  readonly lists?: Readonly<Record<string, ListType>>
}

/** Causes by the official schema of a kind. */
export type StructureCheck = (object: KubeObject) => readonly Cause[]

/** What is known of a kind where objects are checked. */
export interface Official {
  readonly check: StructureCheck
  /** Its fields; made when they are first asked for. */
  readonly schema: () => UnknownRecord
}

/** A registry entry for one of Kubernetes' kinds; without what is official, nothing inside it is known. */
export function builtInKind(own: BuiltInKind, official?: Official): KindDefinition {
  return {
    group: own.group,
    version: own.version,
    kind: own.kind,
    plural: own.plural,
    singular: own.kind.toLowerCase(),
    shortNames: own.shortNames ?? [],
    categories: own.categories ?? [],
    namespaced: own.namespaced ?? true,
    description: own.description,
    get schema() {
      return official ? { ...official.schema(), ...about(own) } : looseSchema(own)
    },
    structural: false,
    columns: own.allColumns ?? [
      nameColumn,
      ...(own.columns ?? []),
      ageColumn,
      ...(own.wideColumns ?? []),
    ],
    hasStatus: own.hasStatus ?? false,
    ...(own.scale === undefined ? {} : { scale: own.scale }),
    selectableFields: own.selectableFields ?? [],
    setDefaults: own.setDefaults ?? ((object) => object),
    validate: (object, old) => [
      ...metadataCauses(object, own.nameRule ?? 'subdomain'),
      ...(sameContent(object, old) ? [] : (official?.check(object) ?? [])),
      ...(own.rules?.(object, old) ?? []),
    ],
    lists: { ...objectLists, ...own.lists },
  }
}

/** A removed finalizer must not fail on what was stored before. */
function sameContent(object: KubeObject, old: KubeObject | undefined): boolean {
  if (old === undefined) return false
  return sameValue({ ...object, metadata: undefined }, { ...old, metadata: undefined })
}

function looseSchema(own: BuiltInKind) {
  return {
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
    },
    'x-kubernetes-preserve-unknown-fields': true,
    ...about(own),
  }
}

function about({ group, version, kind, description }: BuiltInKind) {
  return { description, 'x-kubernetes-group-version-kind': [{ group, version, kind }] }
}
