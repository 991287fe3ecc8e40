import {
  type Cause,
  hasReason,
  type KindDefinition,
  type KubeObject,
  type ObjectRef,
  type Requirement,
  StatusError,
} from '@pulse/api'
import type { KindLookup } from '../objects.ts'
import type { Transaction } from './backend.ts'
import { invalid } from './refusals.ts'
import type { LabelRequirement } from './selectors.ts'
import type { Decision } from './write-rules.ts'

/** Carries out a decision: asks the rules about other objects, and refuses with all mistakes at once. */
export async function commitDecision(
  transaction: Transaction,
  write: {
    readonly decision: Decision
    readonly old: KubeObject | undefined
    readonly definition: KindDefinition
  },
): Promise<KubeObject> {
  const { decision, old, definition } = write
  const { object } = decision
  if (decision.kind === 'unchanged') return object
  if (decision.kind === 'remove') return transaction.remove(object, old ?? object)
  refuseTooLarge(object)
  if (!decision.contentChanged) {
    if (decision.causes.length > 0) throw invalid(definition, object.metadata.name, decision.causes)
    return transaction.put({ object, previous: old })
  }
  const isSound = decision.causes.length === 0
  const names = tolerant(isSound, () => definition.uniqueNames?.(object)) ?? []
  const taken = await transaction.takenNames(
    object.metadata.uid ?? '',
    names.map(({ value }) => value),
  )
  const causes = [
    ...decision.causes,
    ...(await admissionCauses(transaction, { ...write, object, isSound })),
    ...names.filter(({ value }) => taken.includes(value)).map(({ field }) => duplicate(field)),
  ]
  if (causes.length > 0) throw invalid(definition, object.metadata.name, withoutRepeats(causes))
  return transaction.put({
    object,
    previous: old,
    ...(definition.uniqueNames && { names: names.map(({ value }) => value) }),
  })
}

/** Names the field and the rule, never who holds the name. */
function duplicate(field: string): Cause {
  return { reason: 'FieldValueDuplicate', field, message: 'is already in use' }
}

function withoutRepeats(causes: readonly Cause[]): readonly Cause[] {
  const texts = causes.map(({ field, message }) => `${field} ${message}`)
  return causes.filter((_, index) => texts.indexOf(texts[index] ?? '') === index)
}

async function admissionCauses(
  transaction: Transaction,
  write: {
    readonly object: KubeObject
    readonly old: KubeObject | undefined
    readonly definition: KindDefinition
    readonly isSound: boolean
  },
): Promise<readonly Cause[]> {
  const { object, old, isSound } = write
  const admission = write.definition.admission
  if (admission === undefined) return []
  const requirements = tolerant(isSound, () => admission.requires(object)) ?? {}
  const required: Record<string, readonly KubeObject[]> = {}
  for (const [name, requirement] of Object.entries(requirements)) {
    required[name] = await readRequired(transaction, requirement)
  }
  return tolerant(isSound, () => admission.validate(object, old, required)) ?? []
}

/** Rules about other objects may rely on a sound object: on an unsound one they are asked, and may fail. */
function tolerant<T>(isSound: boolean, ask: () => T): T | undefined {
  if (isSound) return ask()
  try {
    return ask()
  } catch {
    return undefined
  }
}

async function readRequired(
  transaction: Transaction,
  requirement: Requirement,
): Promise<readonly KubeObject[]> {
  const { apiVersion, kind, namespace } = requirement
  const place = { apiVersion, kind, ...(namespace !== undefined && { namespace }) }
  if (requirement.name !== undefined) {
    const object = await transaction.read({ ...place, name: requirement.name })
    return object === undefined ? [] : [object]
  }
  const labels = Object.entries(requirement.labels).map(
    ([key, value]): LabelRequirement => ({ operator: 'in', key, values: [value] }),
  )
  return transaction.find({ ...place, selector: { labels, fields: [] } })
}

/**
 * As in Kubernetes, nothing is made in a namespace that is missing or going: what came after the namespace was emptied
 * would wait there for the next owner of its name. `default` needs no object.
 */
export async function refuseClosedNamespace(
  transaction: Transaction,
  ref: ObjectRef,
  kinds: KindLookup,
): Promise<void> {
  const { namespace } = ref
  if (namespace === undefined || namespace === 'default' || !knowsNamespaces(kinds)) return
  const { namespaced, group, plural } = kinds(ref.apiVersion, ref.kind)
  if (!namespaced) return
  const found = await transaction.read({ apiVersion: 'v1', kind: 'Namespace', name: namespace })
  if (found === undefined) {
    throw new StatusError('NotFound', `namespaces "${namespace}" not found`, {
      name: namespace,
      group: '',
      kind: 'namespaces',
    })
  }
  if (found.metadata.deletionTimestamp === undefined) return
  throw new StatusError(
    'Forbidden',
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    {
      name: ref.name,
      group,
      kind: plural,
      causes: [
        {
          reason: 'NamespaceTerminating',
          field: 'metadata.namespace',
          message: `namespace ${namespace} is being terminated`,
        },
      ],
    },
  )
}

function knowsNamespaces(kinds: KindLookup): boolean {
  try {
    return kinds('v1', 'Namespace') !== undefined
  } catch (error) {
    if (hasReason(error, 'NotFound')) return false
    throw error
  }
}

/** As etcd's limit in Kubernetes; it also bounds what watchers wait for. */
const maxObjectBytes = 1.5 * 1024 * 1024

function refuseTooLarge(object: KubeObject): void {
  const size = Buffer.byteLength(JSON.stringify(object))
  if (size <= maxObjectBytes) return
  throw new StatusError(
    'RequestEntityTooLarge',
    `the object has ${size} bytes; at most ${maxObjectBytes} can be stored`,
  )
}
