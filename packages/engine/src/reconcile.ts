import { type ComposeOutput, hasReason, type KubeObject, keyOf, refOf } from '@pulse/api'
import type { Applied } from './applied.ts'
import { type Composition, composeSettled } from './compose-settled.ts'
import { saveSuccess } from './composite-status.ts'
import { contentOf, fingerprint } from './fingerprint.ts'
import type { Objects, Relations } from './objects.ts'
import { controllerOf, isDeleting, titleOf } from './ownership.ts'
import { byResourceName, readComposed } from './read-composed.ts'
import type { RequirementIndex } from './required.ts'

/** What a pass stands on: the store, and what the loop remembers by name. */
export interface Ground {
  readonly objects: Objects & Relations
  readonly applied: Applied
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

  let isChanged = false
  for (const [name, object] of Object.entries(desired.objects)) {
    const marked = composition.ownership.mark(object, composite, name)
    const isApplied = await applyComposed(marked, { composite, composition, ground, living })
    isChanged ||= isApplied
  }

  const wanted = new Set(Object.values(desired.objects).map((object) => keyOf(refOf(object))))
  for (const object of living.filter((item) => !wanted.has(keyOf(refOf(item))))) {
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
  readonly living: readonly KubeObject[]
}

/** Applies unless the same was applied before and still stands, and tells if; never touches what someone else controls. */
async function applyComposed(
  object: KubeObject,
  { composite, composition, ground, living }: Applying,
): Promise<boolean> {
  const ref = refOf(object)
  const key = keyOf(ref)
  const current =
    living.find((item) => keyOf(refOf(item)) === key) ?? (await ground.objects.get(ref))
  if (current && !composition.ownership.isOf(current, composite)) mustBeFree(current)

  const desired = fingerprint(object)
  const before = { desired, stored: current ? contentOf(current) : '' }
  const { name } = composite.metadata
  if (ground.applied.isUnchanged(name, ref, before)) return false

  const stored = await ground.objects.apply(object, { fieldManager: 'pulse', force: true })
  const after = { desired, stored: contentOf(stored) }
  ground.applied.note(name, ref, after)
  return true
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
