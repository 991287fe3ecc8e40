import { type Cause, isRecord, type KindDefinition, type KubeObject, StatusError } from '@pulse/api'
import {
  describePath,
  elementOf,
  type FieldPath,
  type FieldSet,
  fieldsOf,
  isElement,
  type ListTypes,
  mergeableAs,
  readerOf,
  sameField,
  textOf,
} from './field-set.ts'
import type { JsonRecord } from './json.ts'
import {
  type FieldManager,
  type FieldOwner,
  filterOwners,
  isManager,
  withFields,
} from './managed-fields.ts'
import { invalid } from './refusals.ts'
import { removeAt } from './remove-field.ts'

export interface Applied {
  readonly object: KubeObject
  readonly owners: readonly FieldOwner[]
}

/**
 * Server-side apply: the configuration is merged into the live object; a field of another manager that would change
 * is a conflict; a field that this manager applied before and no longer does is removed unless another owns it.
 */
export function applyConfiguration(
  live: KubeObject,
  wanted: JsonRecord,
  context: {
    readonly definition: KindDefinition
    readonly lists: ListTypes
    readonly owners: readonly FieldOwner[]
    readonly manager: FieldManager
    readonly force: boolean
    readonly time: string
  },
): Applied {
  const { definition, lists, owners, manager, force, time } = context
  refuseUnmergeable(wanted, lists, { definition, name: live.metadata.name })
  const merged: KubeObject = { ...live, ...mergeRecords(live, wanted, { lists, names: [] }) }
  const others = owners.filter((owner) => !isManager(owner, manager))
  const conflicts = others.flatMap((owner) => conflictsWith(owner, live, merged))
  if (conflicts.length > 0 && !force) throw applyConflict(conflicts)
  const lost = new Set(conflicts.map(({ path }) => textOf(path)))
  const remaining = filterOwners(
    owners,
    (owner, text) => isManager(owner, manager) || !lost.has(text),
  )
  const fields = fieldsOf(wanted, lists)
  const previous = owners.find((owner) => isManager(owner, manager))?.fields ?? new Map()
  const keep = [fields, ...others.map((owner) => owner.fields)]
  return {
    object: { ...merged, ...removeUnowned(merged, previous, keep) },
    owners: withFields(remaining, manager, { fields, time }),
  }
}

interface Place {
  readonly lists: ListTypes
  readonly names: readonly string[]
}

function mergeRecords(live: JsonRecord, config: JsonRecord, { lists, names }: Place): JsonRecord {
  const merged = new Map(Object.entries(live))
  for (const [name, value] of Object.entries(config)) {
    merged.set(name, mergeValue(live[name], value, { lists, names: [...names, name] }))
  }
  return Object.fromEntries(merged)
}

function mergeValue(live: unknown, config: unknown, place: Place): unknown {
  if (isRecord(live) && isRecord(config)) return mergeRecords(live, config, place)
  if (Array.isArray(live) && Array.isArray(config)) return mergeLists(live, config, place)
  return config
}

/**
 * The applied order holds; items of others stay before the neighbour that they stood before, and new items come after
 * them. The order of environment variables means something, so it may not depend on who came first.
 */
function mergeLists(live: readonly unknown[], config: readonly unknown[], place: Place): unknown[] {
  const type = mergeableAs(live, place.lists(place.names))
  if (type.type === 'atomic') return [...config]
  const liveElements = live.map((item) => elementOf(item, type))
  const wanted = config.map((item) => elementOf(item, type))
  const places = wanted.map((element) => liveElements.indexOf(element))
  const merged: unknown[] = []
  let next = 0
  const takeOthersUntil = (end: number) => {
    for (; next < end; next++) {
      if (!wanted.includes(liveElements[next])) merged.push(live[next])
    }
  }
  for (const [position, item] of config.entries()) {
    const index = places[position] ?? -1
    takeOthersUntil(places.slice(position).find((later) => later !== -1) ?? live.length)
    merged.push(index === -1 ? item : mergeValue(live[index], item, place))
  }
  takeOthersUntil(live.length)
  return merged
}

interface FieldConflict {
  readonly owner: FieldOwner
  readonly path: FieldPath
}

function conflictsWith(owner: FieldOwner, live: KubeObject, merged: KubeObject): FieldConflict[] {
  const [before, after] = [readerOf(live), readerOf(merged)]
  return [...owner.fields.values()]
    .filter((path) => !sameField(before(path), after(path)))
    .map((path) => ({ owner, path }))
}

function applyConflict(conflicts: readonly FieldConflict[]): StatusError {
  const causes = conflicts.map(
    ({ owner, path }): Cause => ({
      reason: 'FieldManagerConflict',
      message: `conflict with "${owner.manager}"${
        owner.subresource === undefined ? '' : ` with subresource "${owner.subresource}"`
      } using ${owner.apiVersion}`,
      field: describePath(path),
    }),
  )
  const lines = causes.map(({ message, field }) => `${message}: ${field}`)
  return new StatusError(
    'Conflict',
    `Apply failed with ${causes.length} conflict${causes.length === 1 ? '' : 's'}: ${lines.join(', ')}`,
    { causes },
  )
}

/** Deepest first, so that what becomes empty can go after its last member. */
function removeUnowned(
  merged: KubeObject,
  previous: FieldSet,
  keep: readonly FieldSet[],
): JsonRecord {
  const isKept = (text: string) =>
    keep.some((set) => set.has(text)) || keep.some((set) => hasBelow(set, text))
  return [...previous]
    .filter(([text, path]) => !isKept(text) && !isKeyOfItem(path))
    .map(([, path]) => path)
    .toSorted((a, b) => b.length - a.length)
    .reduce<JsonRecord>((object, path) => removeAt(object, path, isKept), merged)
}

function hasBelow(set: FieldSet, text: string): boolean {
  const prefix = `${text}\u0000`
  return set.keys().some((other) => other.startsWith(prefix))
}

/** `name` of `k:{"name":"web"}` goes with its item, or stays with it. */
function isKeyOfItem(path: FieldPath): boolean {
  const item = path.at(-2) ?? ''
  const field = path.at(-1)?.slice(2)
  return (
    item.startsWith('k:') && Object.keys(JSON.parse(item.slice(2))).some((key) => key === field)
  )
}

/** Items of a keyed list need their keys, each once: else nobody could say who owns which. */
function refuseUnmergeable(
  config: JsonRecord,
  lists: ListTypes,
  { definition, name }: { readonly definition: KindDefinition; readonly name: string },
): void {
  const causes: Cause[] = []
  const walk = (value: unknown, names: readonly string[]): void => {
    if (isRecord(value)) {
      for (const [member, child] of Object.entries(value)) walk(child, [...names, member])
    }
    if (!Array.isArray(value)) return
    const type = lists(names)
    if (type.type === 'atomic') return
    for (const [index, item] of value.entries()) {
      const field = `${names.join('.')}[${index}]`
      const element = elementOf(item, type)
      if (element === undefined) {
        causes.push({ reason: 'FieldValueRequired', field, message: 'lacks a key of its list' })
      } else if (value.findIndex((other) => isElement(other, element)) !== index) {
        causes.push({ reason: 'FieldValueDuplicate', field, message: 'stands twice in its list' })
      }
      if (type.type === 'map') walk(item, names)
    }
  }
  walk(config, [])
  if (causes.length > 0) throw invalid(definition, name, causes)
}
