import { apiVersionOf, type KindDefinition } from '@pulse/api'
import type { CommandContext } from './context.ts'
import { findKind } from './resource-argument.ts'
import type { TypedLine } from './typed-line.ts'

/** Objects whose names may stand at the cursor. */
export interface WantedNames {
  readonly kind: KindDefinition
  /** Where they are; undefined for kinds without namespaces. */
  readonly namespace?: string
  /** What stands before the name in the same word: `planaclient/`. */
  readonly prefix: string
}

/** Commands of which the first word is a type of resource. */
export const typedCommands: ReadonlySet<string> = new Set(['get', 'describe', 'delete', 'wait'])

/** Those of which it is a tenant, and of which it is one of its environments. */
const clientCommands: ReadonlySet<string> = new Set(['open', 'suspend', 'resume'])
const environmentCommands: ReadonlySet<string> = new Set(['logs', 'wake', 'sleep'])

/** Whoever presses Tab waits no longer than this. */
const patienceMs = 1000
const mostNames = 500

/** Which objects can be meant by the word at the cursor. */
export function wantedNames(
  { command, args, options, last, awaits }: TypedLine,
  kinds: readonly KindDefinition[],
): readonly WantedNames[] {
  const of = (type: string, prefix = ''): readonly WantedNames[] => {
    const kind = kindOf(kinds, type)
    if (kind === undefined) return []
    if (!kind.namespaced) return [{ kind, prefix }]
    return [{ kind, prefix, namespace: options.namespace ?? 'default' }]
  }
  if (awaits !== undefined) return awaits === 'namespace' ? of('namespaces') : []
  if (last.startsWith('-')) return []
  const [type] = args
  if (typedCommands.has(command.name())) {
    const [before, name] = last.split('/')
    if (before !== undefined && name !== undefined) return of(before, `${before}/`)
    return type === undefined || type.includes('/') ? [] : of(type)
  }
  if (type !== undefined) return []
  if (clientCommands.has(command.name())) return of('planaclients')
  if (!environmentCommands.has(command.name())) return []
  if (options.namespace !== undefined) return of('pods')
  return [...of('planaclients'), ...of('tenantenvironments')]
}

function kindOf(kinds: readonly KindDefinition[], type: string): KindDefinition | undefined {
  try {
    return findKind(kinds, type)
  } catch {
    return undefined
  }
}

/** Their names, from the server; none when it does not answer at once: a shell has no place for complaints. */
export async function readNames(
  { config, connect, signal }: Pick<CommandContext, 'config' | 'connect' | 'signal'>,
  wanted: readonly WantedNames[],
  { state }: { readonly state?: string | undefined },
): Promise<readonly string[]> {
  if (wanted.length === 0) return []
  const limited = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
  try {
    const cluster = await connect(await config(state === undefined ? {} : { state }))
    try {
      const lists = wanted.map(async ({ kind, namespace, prefix }) => {
        const { items } = await cluster.list({
          apiVersion: apiVersionOf(kind),
          kind: kind.kind,
          ...(namespace !== undefined && { namespace }),
          limit: mostNames,
          signal: limited,
        })
        return items.map(({ metadata }) => `${prefix}${metadata.name}`)
      })
      return (await Promise.all(lists)).flat()
    } finally {
      await cluster.close()
    }
  } catch {
    return []
  }
}
