import { type Cause, invalid, required } from '../cause.ts'
import { immutableCauses } from '../immutable.ts'
import type { PrintColumn } from '../kind.ts'
import { lifeAnnotation } from '../names.ts'
import type { KubeObject } from '../object.ts'
import { isRecord, listAt, numberAt, recordAt, textAt, type UnknownRecord } from '../record.ts'
import type { BuiltInKind } from './built-in-kind.ts'
import { cronJobKind } from './cron-job-kind.ts'
import { jobDefaults, jobSpecCauses } from './job-rules.ts'
import { specDefaults, templateDefaults } from './pod-defaults.ts'
import { byKey, podSpecLists } from './pod-lists.ts'
import { selectorColumn, templateColumns } from './template-columns.ts'

const conditions = { 'status.conditions': byKey('type') }

/** Kinds that make pods. Merge keys from k8s.io/api `apps/v1` and `batch/v1`, defaults from `pkg/apis`. */
export const workloadKinds: readonly BuiltInKind[] = [
  {
    group: 'apps',
    version: 'v1',
    kind: 'Deployment',
    plural: 'deployments',
    shortNames: ['deploy'],
    categories: ['all'],
    description: 'Pods that are replaced one after another when their template changes.',
    hasStatus: true,
    scale: {
      specReplicas: '.spec.replicas',
      statusReplicas: '.status.replicas',
      labelSelector: '.spec.selector',
    },
    columns: [
      countColumn('Ready', 'status.readyReplicas', 'spec.replicas'),
      numberColumn('Up-to-date', 'status.updatedReplicas'),
      numberColumn('Available', 'status.availableReplicas'),
    ],
    wideColumns: [
      ...templateColumns('spec.template.spec'),
      selectorColumn('spec.selector.matchLabels'),
    ],
    setDefaults: (object) =>
      specDefaults(object, (spec) =>
        templateDefaults({ ...deploymentDefaults, ...strategy(spec) }),
      ),
    rules: (deployment, old) => [...selectorRules(deployment, old), ...lifeRules(deployment, old)],
    lists: { ...podSpecLists('spec.template.spec'), ...conditions },
  },
  {
    group: 'apps',
    version: 'v1',
    kind: 'ReplicaSet',
    plural: 'replicasets',
    shortNames: ['rs'],
    categories: ['all'],
    description: 'A number of equal pods.',
    hasStatus: true,
    scale: {
      specReplicas: '.spec.replicas',
      statusReplicas: '.status.replicas',
      labelSelector: '.spec.selector',
    },
    selectableFields: ['status.replicas'],
    columns: [
      numberColumn('Desired', 'spec.replicas'),
      numberColumn('Current', 'status.replicas'),
      numberColumn('Ready', 'status.readyReplicas'),
    ],
    wideColumns: [
      ...templateColumns('spec.template.spec'),
      selectorColumn('spec.selector.matchLabels'),
    ],
    setDefaults: (object) =>
      specDefaults(object, (spec) => templateDefaults({ replicas: 1, ...spec })),
    rules: selectorRules,
    lists: { ...podSpecLists('spec.template.spec'), ...conditions },
  },
  {
    group: 'batch',
    version: 'v1',
    kind: 'Job',
    plural: 'jobs',
    categories: ['all'],
    description: 'Work that runs to completion.',
    hasStatus: true,
    selectableFields: ['status.successful'],
    columns: [
      {
        name: 'Status',
        type: 'string',
        description: 'Running, Complete or Failed.',
        priority: 0,
        cell: jobStatus,
      },
      countColumn('Completions', 'status.succeeded', 'spec.completions'),
    ],
    wideColumns: [
      ...templateColumns('spec.template.spec'),
      selectorColumn('spec.selector.matchLabels'),
    ],
    setDefaults: (object) => specDefaults(object, (spec) => templateDefaults(jobDefaults(spec))),
    rules: (job, old) => [
      ...immutableCauses(job, old, [
        'spec.template',
        'spec.selector',
        'spec.completions',
        'spec.completionMode',
        'spec.podFailurePolicy',
      ]),
      ...jobSpecCauses(job, 'spec'),
    ],
    lists: { ...podSpecLists('spec.template.spec'), ...conditions },
  },
  cronJobKind,
]

const deploymentDefaults = {
  replicas: 1,
  revisionHistoryLimit: 10,
  progressDeadlineSeconds: 600,
}

function strategy(spec: UnknownRecord): UnknownRecord {
  const given = isRecord(spec.strategy) ? spec.strategy : {}
  if (given.type === 'Recreate') return spec
  const rolling = isRecord(given.rollingUpdate) ? given.rollingUpdate : {}
  return {
    ...spec,
    strategy: {
      type: 'RollingUpdate',
      ...given,
      rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%', ...rolling },
    },
  }
}

/** A selector that does not find the pods of its own template would make pods without end. */
function selectorRules(object: KubeObject, old: KubeObject | undefined): readonly Cause[] {
  // What is missing altogether, the schema has told.
  if (recordAt(object, 'spec.selector') === undefined) return []
  const selected = Object.entries(recordAt(object, 'spec.selector.matchLabels') ?? {})
  const expressions = listAt(object, 'spec.selector.matchExpressions')
  const labels = recordAt(object, 'spec.template.metadata.labels') ?? {}
  const empty = selected.length === 0 && expressions.length === 0
  const missed = selected.some(([key, value]) => labels[key] !== value)
  const replicas = numberAt(object, 'spec.replicas') ?? 0
  return [
    ...immutableCauses(object, old, ['spec.selector']),
    ...(replicas < 0 ? [invalid('spec.replicas', 'must be 0 or more')] : []),
    ...(empty ? [required('spec.selector', 'must not be empty')] : []),
    ...(missed ? [invalid('spec.template.metadata.labels', 'must match spec.selector')] : []),
  ]
}

/**
 * `kubectl rollout undo` puts the annotations of a ReplicaSet in the place of the Deployment's. Without the record the
 * gateways would begin the life of an instance anew while it goes on.
 */
function lifeRules({ metadata }: KubeObject, old: KubeObject | undefined): readonly Cause[] {
  const isKept = metadata.annotations?.[lifeAnnotation] !== undefined
  if (isKept || old?.metadata.annotations?.[lifeAnnotation] === undefined) return []
  const message =
    'belongs to the gateways and stays: an instance is not rolled back, but changed on its PLANAClient'
  return [invalid(`metadata.annotations[${lifeAnnotation}]`, message)]
}

function jobStatus(job: KubeObject): string {
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating'
  const ended = listAt(job, 'status.conditions').find(
    (condition) =>
      textAt(condition, 'status') === 'True' &&
      ['Complete', 'Failed', 'Suspended'].includes(textAt(condition, 'type') ?? ''),
  )
  return textAt(ended, 'type') ?? 'Running'
}

function numberColumn(name: string, path: string): PrintColumn {
  return {
    name,
    type: 'integer',
    description: `Number of pods: ${path}.`,
    priority: 0,
    cell: (object) => numberAt(object, path) ?? 0,
  }
}

/** `1/2` */
function countColumn(name: string, done: string, wanted: string): PrintColumn {
  return {
    name,
    type: 'string',
    description: `${done} of ${wanted}.`,
    priority: 0,
    cell: (object) => `${numberAt(object, done) ?? 0}/${numberAt(object, wanted) ?? 1}`,
  }
}
