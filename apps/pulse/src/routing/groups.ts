/** Names in groups; a group without members costs nothing. */
export interface Groups {
  add(group: string, member: string): void
  remove(group: string, member: string): void
  of(group: string): Iterable<string>
}

export function createGroups(): Groups {
  const groups = new Map<string, Set<string>>()
  return {
    add(group, member) {
      const members = groups.get(group) ?? new Set()
      groups.set(group, members.add(member))
    },
    remove(group, member) {
      const members = groups.get(group)
      members?.delete(member)
      if (members?.size === 0) groups.delete(group)
    },
    of: (group) => groups.get(group) ?? [],
  }
}
