import type { KubeObject, Requirement } from '@pulse/api'
import type { Objects } from './objects.ts'

export type Requires = Readonly<Record<string, Requirement>>
export type Required = Readonly<Record<string, readonly KubeObject[]>>

/** What compositions asked to see, by the composite's name, so that a change of it brings them a pass. */
export interface RequirementIndex {
  of(composite: string): Requires
  note(composite: string, requires: Requires): void
  /** The composites that asked for this object. */
  concernedBy(object: KubeObject): readonly string[]
}

/** Requirements that have been read with so many composites last; of others where they look, and no more. */
const mostKept = 500

export function createRequirementIndex(): RequirementIndex {
  const kept = new Map<string, Requires>()
  const places = new Map<string, readonly string[]>()
  const byPlace = new Map<string, Set<string>>()

  function leave(composite: string) {
    for (const place of places.get(composite) ?? []) {
      const names = byPlace.get(place)
      names?.delete(composite)
      if (names?.size === 0) byPlace.delete(place)
    }
    places.delete(composite)
    kept.delete(composite)
  }

  function enter(composite: string, requires: Requires) {
    const wanted = [...new Set(Object.values(requires).map(placeOf))]
    if (wanted.length === 0) return
    places.set(composite, wanted)
    for (const place of wanted) byPlace.set(place, (byPlace.get(place) ?? new Set()).add(composite))
    kept.set(composite, requires)
    const [first] = kept.keys()
    if (kept.size > mostKept && first !== undefined) kept.delete(first)
  }

  return {
    of: (composite) => kept.get(composite) ?? {},
    note(composite, requires) {
      leave(composite)
      enter(composite, requires)
    },
    concernedBy: (object) => [
      ...new Set(placesOf(object).flatMap((place) => [...(byPlace.get(place) ?? [])])),
    ],
  }
}

/** `v1/Pod/instance-acme/*`. Labels are not in it: an object whose labels just changed away concerns those who asked as well. */
function placeOf({ apiVersion, kind, namespace = '*', name = '*' }: Requirement): string {
  return `${apiVersion}/${kind}/${namespace}/${name}`
}

/** Every place in which this object is. */
function placesOf({ apiVersion, kind, metadata }: KubeObject): readonly string[] {
  const { name, namespace } = metadata
  const namespaces = namespace === undefined ? ['*'] : ['*', namespace]
  return namespaces.flatMap((within) =>
    ['*', name].map((named) => `${apiVersion}/${kind}/${within}/${named}`),
  )
}

export async function readRequired(requires: Requires, objects: Objects): Promise<Required> {
  const names = Object.entries(requires)
  const found = await Promise.all(names.map(([, requirement]) => read(requirement, objects)))
  return Object.fromEntries(names.map(([name], index) => [name, found[index] ?? []]))
}

async function read(requirement: Requirement, objects: Objects): Promise<readonly KubeObject[]> {
  const { apiVersion, kind, namespace } = requirement
  const place = { apiVersion, kind, ...(namespace !== undefined && { namespace }) }
  if (requirement.name !== undefined) {
    const object = await objects.get({ ...place, name: requirement.name })
    return object ? [object] : []
  }
  const labelSelector = Object.entries(requirement.labels)
    .map(([label, value]) => `${label}=${value}`)
    .join(',')
  return (await objects.list({ ...place, labelSelector })).items
}
