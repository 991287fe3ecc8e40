import { type KindDefinition, type KubeObject, type ObjectRef, refOf } from '@pulse/api'
import type { KindLookup, Objects, SubresourceOptions, WriteOptions } from '../objects.ts'
import type { Backend } from './backend.ts'
import { commitDecision, refuseClosedNamespace } from './commit.ts'
import { decideDeletion } from './deletion.ts'
import { definitionOf, generatedName, parseGiven, refuseOtherIdentity } from './identity.ts'
import type { FieldManager } from './managed-fields.ts'
import { patched } from './patch.ts'
import { alreadyExists, badRequest, notFound } from './refusals.ts'
import { scaleOf, withScale } from './scale.ts'
import {
  type Decision,
  decideApply,
  decideCreate,
  decideUpdate,
  type WriteContext,
} from './write-rules.ts'

export interface StoreOptions {
  readonly kinds: KindLookup
  readonly now: () => Date
  readonly newUid: () => string
}

interface Ground extends StoreOptions {
  readonly backend: Backend
}

/** The writing half of a store. */
export function createWrites(
  store: Ground,
): Pick<Objects, 'create' | 'update' | 'patch' | 'apply' | 'delete'> {
  return {
    create: async (given, options) => create(store, parseGiven(given), options),
    update: async (given, options) => update(store, parseGiven(given), options),

    async patch(ref, patch, options) {
      if (options.subresource === 'scale') return patchScale(store, ref, { patch, options })
      return change(store, { ref, options }, (old, context) => {
        const incoming = patched(old, patch, context.definition)
        refuseOtherIdentity(old, incoming)
        return decideUpdate(old, incoming, context)
      })
    },

    apply: async (given, options) => apply(store, parseGiven(given), options),

    async delete(ref, options = {}) {
      const definition = definitionOf(store.kinds, ref)
      return write(store, { ref, definition, dryRun: options.dryRun }, (old) => {
        if (old === undefined) throw notFound(definition, ref.name)
        return decideDeletion(old, options, { definition, time: timeOf(store) })
      })
    },
  }
}

/**
 * Decides on what was read without a lock; a decision to write nothing is final, any other is carried out inside the
 * transaction if the object is still the same, and taken again if not.
 */
async function write(
  { backend, kinds }: Ground,
  target: { readonly ref: ObjectRef; readonly definition: KindDefinition; dryRun?: boolean },
  decide: (old: KubeObject | undefined) => Decision,
): Promise<KubeObject> {
  const { ref, definition, dryRun } = target
  const seen = await backend.read(ref)
  const first = decide(seen)
  if (first.kind === 'unchanged') return first.object
  return backend.transact(
    async (transaction) => {
      const old = await transaction.read(ref)
      const isSame = old?.metadata.resourceVersion === seen?.metadata.resourceVersion
      if (old === undefined) await refuseClosedNamespace(transaction, ref, kinds)
      const decision = isSame ? first : decide(old)
      const written = await commitDecision(transaction, { decision, old, definition })
      return dryRun === true ? unwritten(written, old) : written
    },
    { keep: dryRun !== true, first: ref },
  )
}

/** What a dry run answers: the version is the one that still stands, so that `kubectl diff` shows no other. */
function unwritten(object: KubeObject, old: KubeObject | undefined): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata
  const stands = old?.metadata.resourceVersion
  return {
    ...object,
    metadata: { ...metadata, ...(stands !== undefined && { resourceVersion: stands }) },
  }
}

async function create(
  store: Ground,
  incoming: KubeObject,
  options: WriteOptions,
): Promise<KubeObject> {
  const { backend, kinds, newUid } = store
  const { metadata } = incoming
  const definition = kinds(incoming.apiVersion, incoming.kind)
  const manager = managerOf(incoming, options)
  const context = { definition, manager, time: timeOf(store), uid: newUid() }
  const isGenerated = metadata.name === '' && metadata.generateName !== undefined
  const created = await backend.transact(
    async (transaction) => {
      for (let attempt = 1; ; attempt++) {
        const name = isGenerated ? generatedName(metadata.generateName) : metadata.name
        const object = { ...incoming, metadata: { ...metadata, name } }
        const taken = await transaction.read(refOf(object))
        if (taken !== undefined && isGenerated && attempt < 8) continue
        if (taken !== undefined) throw alreadyExists(definition, name)
        await refuseClosedNamespace(transaction, refOf(object), kinds)
        const decision = decideCreate(object, context)
        const created = await commitDecision(transaction, { decision, old: undefined, definition })
        return options.dryRun === true ? unwritten(created, undefined) : created
      }
    },
    { keep: options.dryRun !== true },
  )
  return options.dryRun ? withoutVersion(created) : created
}

/** What was only tried has no place among the versions. */
function withoutVersion(object: KubeObject): KubeObject {
  const { resourceVersion, ...metadata } = object.metadata
  return { ...object, metadata }
}

async function update(
  store: Ground,
  incoming: KubeObject,
  options: SubresourceOptions,
): Promise<KubeObject> {
  if (options.subresource === 'scale') {
    throw badRequest('a Scale does not name the kind it scales: patch the scale of the object')
  }
  return change(store, { ref: refOf(incoming), options }, (old, context) =>
    decideUpdate(old, incoming, context),
  )
}

async function patchScale(
  store: Ground,
  ref: ObjectRef,
  { patch, options }: Pick<ScalePatch, 'patch' | 'options'>,
): Promise<KubeObject> {
  const result = await change(store, { ref, options }, (old, context) => {
    const { definition } = context
    const scale = patched(scaleOf(definition, old), patch, definition)
    const { resourceVersion } = scale.metadata
    const scaled = withScale(definition, old, scale)
    const metadata = { ...scaled.metadata, ...(resourceVersion && { resourceVersion }) }
    return decideUpdate(old, { ...scaled, metadata }, context)
  })
  return scaleOf(definitionOf(store.kinds, ref), result)
}

interface ScalePatch {
  readonly patch: Parameters<Objects['patch']>[1]
  readonly options: SubresourceOptions
}

async function apply(
  store: Ground,
  incoming: KubeObject,
  options: Parameters<Objects['apply']>[1],
): Promise<KubeObject> {
  const { metadata } = incoming
  if (options.subresource === 'scale') throw badRequest('a Scale is patched, not applied')
  if (metadata.name === '') throw badRequest('metadata.name is required to apply')
  if (metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil')
  const ref = refOf(incoming)
  const definition = definitionOf(store.kinds, ref)
  const manager = managerOf(ref, { ...options, operation: 'Apply' })
  const uid = store.newUid()
  return write(store, { ref, definition, dryRun: options.dryRun }, (old) => {
    const context = { definition, manager, time: timeOf(store) }
    refuseAbsentStatus(definition, { name: ref.name, subresource: options.subresource })
    if (old !== undefined) {
      return decideApply(old, incoming, { ...context, force: options.force === true })
    }
    if (options.subresource !== undefined || metadata.uid !== undefined) {
      throw notFound(definition, ref.name)
    }
    return decideCreate(incoming, { ...context, uid })
  })
}

/** A write to an object that must be there. */
function change(
  store: Ground,
  { ref, options }: { readonly ref: ObjectRef; readonly options: SubresourceOptions },
  edit: (old: KubeObject, context: WriteContext) => Decision,
): Promise<KubeObject> {
  const definition = definitionOf(store.kinds, ref)
  refuseAbsentStatus(definition, { name: ref.name, subresource: options.subresource })
  const manager = managerOf(ref, options)
  return write(store, { ref, definition, dryRun: options.dryRun }, (old) => {
    if (old === undefined) throw notFound(definition, ref.name)
    return edit(old, { definition, manager, time: timeOf(store) })
  })
}

function refuseAbsentStatus(
  definition: KindDefinition,
  target: { readonly name: string; readonly subresource?: string },
): void {
  if (target.subresource !== 'status' || definition.hasStatus) return
  throw notFound(definition, `${target.name}/status`)
}

function managerOf(
  { apiVersion }: { readonly apiVersion: string },
  options: SubresourceOptions & { readonly operation?: 'Apply' },
): FieldManager {
  const { fieldManager, subresource, operation = 'Update' } = options
  return {
    manager: fieldManager,
    operation,
    apiVersion,
    ...(subresource !== undefined && { subresource }),
  }
}

function timeOf({ now }: Ground): string {
  return `${now().toISOString().slice(0, 19)}Z`
}
