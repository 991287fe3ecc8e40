import {
  environmentNames,
  jobName,
  type KubeObject,
  type ObjectRef,
  refOf,
  type TenantEnvironment,
} from '@pulse/api'
import { retainDaysAnnotation } from './client.ts'
import { contentHash } from './content-hash.ts'
import { hastyGraceSeconds, protectFinalizer } from './fixed-names.ts'
import { instanceSelector, labelKeys, workerLabels } from './labels.ts'
import { makeTaskJob } from './make-task-job.ts'
import type { Parameters } from './parameters.ts'
import type { Observed } from './step.ts'
import { taskArgs } from './task-args.ts'
import { filestoreClaim } from './tenancy.ts'

/** One step on the way out, in the words of the engine's teardown. */
export type TeardownStep = { readonly name: string } & (
  | {
      readonly type: 'remove'
      readonly objects: readonly ObjectRef[]
      readonly foreground: boolean
      /** Pods that go with them: nobody waits longer for these. */
      readonly hastens?: {
        readonly namespace: string
        readonly labels: Readonly<Record<string, string>>
        readonly graceSeconds: number
      }
    }
  | { readonly type: 'task'; readonly job: (attempt: number) => KubeObject }
  | { readonly type: 'release'; readonly objects: readonly ObjectRef[]; readonly finalizer: string }
)

/** As the platform promises where a client's own word is missing. */
const defaultRetainDays = 7

/**
 * How an environment goes without losing anything: nobody reaches it, nothing of it runs, its database and files lie
 * under their tombstone, and only then are the volume, the credentials and all that is left let go.
 */
export function environmentTeardown(
  environment: TenantEnvironment,
  observed: Observed,
  parameters: Parameters,
): readonly TeardownStep[] {
  const refs = (wanted: (object: KubeObject) => boolean) =>
    Object.values(observed).filter(wanted).map(refOf)
  const { namespace, label } = environmentNames(environment.spec, parameters.domains)
  const isKind = (kind: string) => (object: KubeObject) => object.kind === kind
  const isProtected = ({ metadata }: KubeObject) =>
    metadata.finalizers?.includes(protectFinalizer) === true
  return [
    { name: 'routes', type: 'remove', objects: refs(isKind('HTTPRoute')), foreground: false },
    {
      name: 'workers',
      type: 'remove',
      objects: refs(isKind('Deployment')),
      foreground: true,
      hastens: {
        namespace,
        labels: instanceSelector(label),
        graceSeconds: hastyGraceSeconds,
      },
    },
    { name: 'claim', type: 'remove', objects: refs(isKind('Job')), foreground: true },
    {
      name: 'drop',
      type: 'task',
      job: (attempt) => dropJob(environment, attempt, { observed, parameters }),
    },
    {
      name: 'release',
      type: 'release',
      objects: refs(isProtected),
      finalizer: protectFinalizer,
    },
    // What is left would go by itself; waiting for it lets the same name be made again at once.
    {
      name: 'objects',
      type: 'remove',
      objects: outermost(Object.values(observed)),
      foreground: true,
    },
  ]
}

/** A namespace takes along what is in it. */
function outermost(objects: readonly KubeObject[]): readonly ObjectRef[] {
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace')
  const isInside = ({ metadata }: KubeObject) =>
    namespaces.some(({ metadata: { name } }) => name === metadata.namespace)
  return objects.filter((object) => !isInside(object)).map(refOf)
}

/** Named after the resource's uid: a later environment of the same name is dropped by a Job of its own. */
function dropJob(
  environment: TenantEnvironment,
  attempt: number,
  { observed, parameters }: { readonly observed: Observed; readonly parameters: Parameters },
): KubeObject {
  const { metadata, spec } = environment
  const names = environmentNames(spec, parameters.domains)
  const uid = metadata.uid ?? ''
  const suffix = attempt === 0 ? '' : `-r${attempt}`
  return makeTaskJob({
    name: jobName('drop', names.label, `${contentHash(uid)}${suffix}`),
    labels: { ...workerLabels(environment, names.label), [labelKeys.step]: 'drop' },
    args: taskArgs.drop({
      environment: metadata.name,
      environmentUid: uid,
      hosting: spec.hosting,
      database: names.database,
      role: names.role,
      filestoreClaim: filestoreClaim(names),
      retainDays: retainDaysOf(environment, observed),
    }),
    parameters,
  })
}

/** Written by the compositions from what the client says, but anybody may have changed it. */
function retainDaysOf(environment: TenantEnvironment, { facts }: Observed): number {
  const said = [facts, environment].map(
    (object) => object?.metadata.annotations?.[retainDaysAnnotation] ?? '',
  )
  return Number(said.find((days) => /^[0-9]{1,3}$/.test(days)) ?? defaultRetainDays)
}
