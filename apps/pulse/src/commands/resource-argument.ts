import { apiVersionOf, type KindDefinition, type ObjectRef } from '@pulse/api'
import { CommandError, exitCodes } from '../exit.ts'
import { mustBeName } from './must-be-name.ts'

/** The kind that a person means by `planaclients`, `planaclient`, `pc`, `PLANAClient` or `deployments.apps`. */
export function findKind(kinds: readonly KindDefinition[], word: string): KindDefinition {
  const [name = '', ...group] = word.toLowerCase().split('.')
  const found = kinds.find(
    (kind) =>
      (group.length === 0 || kind.group === group.join('.')) &&
      [kind.plural, kind.singular, kind.kind.toLowerCase(), ...kind.shortNames].includes(name),
  )
  if (found) return found
  const known = kinds.map(({ plural }) => plural).sort()
  throw new CommandError(
    `there is no resource type "${word}". Known: ${known.join(', ')}`,
    exitCodes.usage,
  )
}

export interface ResourceArgument {
  readonly kind: KindDefinition
  readonly names: readonly string[]
}

/** Reads `TYPE`, `TYPE NAME…` and `TYPE/NAME…` as kubectl does. */
export function parseResourceArguments(
  kinds: readonly KindDefinition[],
  words: readonly string[],
): readonly ResourceArgument[] {
  const [first, ...rest] = words
  if (first === undefined) throw new CommandError('a resource type is missing', exitCodes.usage)
  if (!first.includes('/')) {
    const kind = findKind(kinds, first)
    for (const name of rest) mustBeName(name)
    return [{ kind, names: rest }]
  }
  return words.map((word) => {
    const [type = '', name = '', ...more] = word.split('/')
    if (name === '' || more.length > 0) {
      throw new CommandError(
        `"${word}" must be TYPE/NAME, like the first argument`,
        exitCodes.usage,
      )
    }
    const kind = findKind(kinds, type)
    mustBeName(name)
    return { kind, names: [name] }
  })
}

/** Names one object of a kind; namespaced ones live in `default` unless told otherwise. */
export function refTo(kind: KindDefinition, name: string, namespace = 'default'): ObjectRef {
  const ref = { apiVersion: apiVersionOf(kind), kind: kind.kind, name }
  return kind.namespaced ? { ...ref, namespace } : ref
}
