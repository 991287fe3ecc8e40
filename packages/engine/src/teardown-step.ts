import { hasReason, isRecord, type KubeObject, keyOf, type ObjectRef, refOf } from '@pulse/api'
import { backOffMilliseconds } from './back-off.ts'
import { conditionsOf, isTrue } from './conditions.ts'
import { hastenPods } from './hasten-pods.ts'
import type { Objects } from './objects.ts'
import { isDeleting, titleOf } from './ownership.ts'
import type { KindRef } from './watch-source.ts'

/** One step on the way out. Each says what is to be true after it, and is safe to take any number of times. */
export type TeardownStep = { readonly name: string } & (
  | {
      readonly type: 'remove'
      readonly objects: readonly ObjectRef[]
      /** Waits for the dependents too: a Deployment is gone when its last process is. */
      readonly foreground: boolean
      /** Pods that go with them: nobody waits longer for these. */
      readonly hastens?: HastenedPods
    }
  | {
      readonly type: 'remove-all'
      readonly of: KindRef
      readonly where: (object: KubeObject) => boolean
    }
  | {
      readonly type: 'task'
      /**
       * The Job that does it, in a namespace that stays. The name is of this very resource (its uid, not its name
       * alone) and of the attempt, which counts from 0.
       */
      readonly job: (attempt: number) => KubeObject
    }
  | { readonly type: 'release'; readonly objects: readonly ObjectRef[]; readonly finalizer: string }
)

export interface HastenedPods {
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly graceSeconds: number
}

export type StepState =
  | { readonly done: true }
  | { readonly done: false; readonly waitsFor: string; readonly nextPass?: Date }

export interface StepGround {
  readonly objects: Objects
  readonly now: Date
  /** Labels that bring a change of a task's Job back to the resource. */
  readonly labels: Readonly<Record<string, string>>
}

const done = { done: true } as const
const retry = { firstMilliseconds: 10_000, longestMilliseconds: 600_000 }
/** A task's Job stays for who wants to read its log, then goes by itself: nothing owns it. */
const keptSeconds = 86_400

/** Does what the step still lacks. */
export async function takeStep(step: TeardownStep, ground: StepGround): Promise<StepState> {
  switch (step.type) {
    case 'remove': {
      const policy = step.foreground ? 'Foreground' : 'Background'
      const state = await remove(step.objects, policy, ground)
      if (!state.done && step.hastens) await hasten(step.hastens, ground)
      return state
    }
    case 'remove-all': {
      const { items } = await ground.objects.list(step.of)
      return remove(items.filter(step.where).map(refOf), 'Background', ground)
    }
    case 'task':
      return runTask(step.job, ground)
    case 'release':
      return release(step.objects, step.finalizer, ground)
  }
}

async function remove(
  refs: readonly ObjectRef[],
  propagationPolicy: 'Foreground' | 'Background',
  { objects }: StepGround,
): Promise<StepState> {
  const left: ObjectRef[] = []
  for (const ref of refs) {
    const object = await objects.get(ref)
    if (!object) continue
    if (!isDeleting(object)) await removeSeen(object, propagationPolicy, objects)
    if (await objects.get(ref)) left.push(ref)
  }
  const [first] = left.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  return first ? { done: false, waitsFor: `the end of ${titleOf(first)}` } : done
}

/** Only what is on its way out: of the others, new ones might still be made. */
async function hasten({ namespace, labels, graceSeconds }: HastenedPods, { objects }: StepGround) {
  const labelSelector = Object.entries(labels)
    .map(([label, value]) => `${label}=${value}`)
    .join(',')
  const pods = { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector }
  const { items } = await objects.list(pods)
  await hastenPods(items.filter(isDeleting), graceSeconds, objects)
}

async function removeSeen(
  object: KubeObject,
  propagationPolicy: 'Foreground' | 'Background',
  objects: Objects,
) {
  const { uid = '' } = object.metadata
  try {
    await objects.delete(refOf(object), { propagationPolicy, preconditions: { uid } })
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error
  }
}

/** A failed attempt stays beside the next one, which waits longer each time but always comes. */
async function runTask(
  makeJob: (attempt: number) => KubeObject,
  { objects, now, labels }: StepGround,
): Promise<StepState> {
  for (let attempt = 0; ; attempt += 1) {
    const wanted = makeJob(attempt)
    const waitsFor = titleOf(refOf(wanted))
    const job = await objects.get(refOf(wanted))
    if (!job) {
      await objects.apply(asTask(wanted, labels), { fieldManager: 'pulse', force: true })
      return { done: false, waitsFor }
    }
    if (isTrue(job, 'Complete')) return done
    if (!isTrue(job, 'Failed')) return { done: false, waitsFor }

    const failure = conditionsOf(job).find(({ type }) => type === 'Failed')
    const failedAt = Date.parse(failure?.lastTransitionTime ?? '') || now.getTime()
    const nextPass = new Date(failedAt + backOffMilliseconds(attempt + 1, 1, retry))
    if (nextPass > now) {
      const words = failure?.message ?? 'no reason was given'
      return { done: false, waitsFor: `a retry: ${waitsFor} failed: ${words}`, nextPass }
    }
  }
}

function asTask(job: KubeObject, labels: Readonly<Record<string, string>>): KubeObject {
  const spec = isRecord(job.spec) ? job.spec : {}
  return {
    ...job,
    metadata: { ...job.metadata, labels: { ...job.metadata.labels, ...labels } },
    spec: { ttlSecondsAfterFinished: keptSeconds, ...spec },
  }
}

async function release(
  refs: readonly ObjectRef[],
  finalizer: string,
  { objects }: StepGround,
): Promise<StepState> {
  for (const ref of refs) {
    const object = await objects.get(ref)
    if (object) await removeFinalizer(object, finalizer, objects)
  }
  return done
}

/** Only from the object as it was seen: two writers of one list lose one. */
export async function removeFinalizer(
  object: KubeObject,
  finalizer: string,
  objects: Objects,
): Promise<void> {
  const { finalizers = [], resourceVersion } = object.metadata
  if (!finalizers.includes(finalizer)) return
  const left = finalizers.filter((name) => name !== finalizer)
  const patch = { metadata: { resourceVersion, finalizers: left } }
  await objects.patch(refOf(object), { type: 'merge', patch }, { fieldManager: 'pulse' })
}
