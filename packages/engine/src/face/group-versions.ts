import { apiVersionOf, type KindDefinition } from '@pulse/api'

export interface GroupVersion {
  readonly group: string
  readonly version: string
  readonly kinds: readonly KindDefinition[]
}

/** The kinds of the registry by the document that tells of them. */
export function groupVersionsOf(kinds: readonly KindDefinition[]): readonly GroupVersion[] {
  return [...Map.groupBy(kinds, apiVersionOf).values()].flatMap((members) => {
    const [first] = members
    return first ? [{ group: first.group, version: first.version, kinds: members }] : []
  })
}
