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

export function createRequirementIndex(): RequirementIndex {
  const byComposite = new Map<string, Requires>()
  return {
    of: (composite) => byComposite.get(composite) ?? {},
    note(composite, requires) {
      if (Object.keys(requires).length === 0) byComposite.delete(composite)
      else byComposite.set(composite, requires)
    },
    concernedBy: (object) =>
      [...byComposite]
        .filter(([, requires]) => Object.values(requires).some((wanted) => meets(object, wanted)))
        .map(([composite]) => composite),
  }
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

/** Labels are not looked at: an object whose labels just changed away concerns those who asked as well. */
function meets({ apiVersion, kind, metadata }: KubeObject, wanted: Requirement): boolean {
  if (apiVersion !== wanted.apiVersion || kind !== wanted.kind) return false
  if (wanted.namespace !== undefined && metadata.namespace !== wanted.namespace) return false
  return wanted.name === undefined || metadata.name === wanted.name
}
