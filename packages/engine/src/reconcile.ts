import { type ComposeOutput, hasReason, type KubeObject, keyOf, refOf } from '@pulse/api'
import { type Composition, composeSettled } from './compose-settled.ts'
import { saveSuccess } from './composite-status.ts'
import type { Objects, Relations } from './objects.ts'
import { controllerOf, isDeleting, titleOf } from './ownership.ts'
import { byResourceName, readComposed } from './read-composed.ts'
import type { RequirementIndex } from './required.ts'

/** What a pass stands on: the store, and what the loop remembers by name. */
export interface Ground {
  readonly objects: Objects & Relations
  readonly required: RequirementIndex
}

export interface Reconciled {
  readonly desired: ComposeOutput
  /** Whether anything was written. */
  readonly isChanged: boolean
}

/** One pass for one composite: observe, compose, apply, collect what is no longer wanted. Safe to repeat. */
export async function reconcile(
  composite: KubeObject,
  composition: Composition,
  { now, ...ground }: Ground & { readonly now: Date },
): Promise<Reconciled> {
  const living = await readComposed(composite, composition.ownership, ground.objects)
  const observed = byResourceName(living)
  const desired = await composeSettled(composite, composition, { ...ground, observed, now })

  const byKey = new Map(living.map((object) => [keyOf(refOf(object)), object]))
  let isChanged = false
  for (const [name, object] of Object.entries(desired.objects)) {
    const marked = composition.ownership.mark(object, composite, name)
    const isApplied = await applyComposed(marked, { composite, composition, ground, byKey })
    isChanged ||= isApplied
  }

  for (const object of Object.values(desired.objects)) byKey.delete(keyOf(refOf(object)))
  for (const object of byKey.values()) {
    if (isDeleting(object)) continue
    await remove(object, ground.objects)
    isChanged = true
  }

  const isNew = composition.isStored && (await saveSuccess(composite, desired, { ...ground, now }))
  return { desired, isChanged: isChanged || isNew }
}

interface Applying {
  readonly composite: KubeObject
  readonly composition: Composition
  readonly ground: Ground
  /** What was composed before and is still there. */
  readonly byKey: ReadonlyMap<string, KubeObject>
}

/** Tells whether anything was written; never touches what someone else controls. */
async function applyComposed(
  object: KubeObject,
  { composite, composition, ground, byKey }: Applying,
): Promise<boolean> {
  const ref = refOf(object)
  const current = byKey.get(keyOf(ref)) ?? (await ground.objects.get(ref))
  if (current && !composition.ownership.isOf(current, composite)) mustBeFree(current)

  const stored = await ground.objects.apply(object, { fieldManager: 'pulse', force: true })
  return stored.metadata.resourceVersion !== current?.metadata.resourceVersion
}

function mustBeFree(object: KubeObject) {
  const owner = controllerOf(object)
  if (!owner) return
  const title = titleOf(refOf(object))
  throw new Error(`${title} is controlled by ${owner.kind} ${owner.name} and is not taken over`)
}

async function remove(object: KubeObject, objects: Objects): Promise<void> {
  const { uid = '' } = object.metadata
  try {
    await objects.delete(refOf(object), { preconditions: { uid } })
  } catch (error) {
    if (!hasReason(error, 'NotFound', 'Conflict')) throw error
  }
}
