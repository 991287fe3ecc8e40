import { fieldColumn } from '../field-column.ts'
import { withFinalizer } from '../finalizer.ts'
import type { KubeObject } from '../object.ts'
import { isRecord, listAt, recordAt, textAt, valueAt } from '../record.ts'
import type { BuiltInKind } from './built-in-kind.ts'
import { claimDefaults, claimRules } from './claim-rules.ts'
import { configMapRules, secretDefaults, secretRules } from './content-rules.ts'
import { eventColumns } from './event-columns.ts'
import { podColumns } from './pod-columns.ts'
import { podSpecDefaults, specDefaults } from './pod-defaults.ts'
import { byKey, podSpecLists } from './pod-lists.ts'
import { podRules } from './pod-rules.ts'
import { serviceColumns } from './service-columns.ts'
import { serviceDefaults } from './service-defaults.ts'
import { selectorColumn } from './template-columns.ts'

const core = { group: '', version: 'v1' }

/** Kinds of the core group. Merge keys from the markers of k8s.io/api `core/v1/types.go`. */
export const coreKinds: readonly BuiltInKind[] = [
  {
    ...core,
    kind: 'Namespace',
    plural: 'namespaces',
    shortNames: ['ns'],
    namespaced: false,
    nameRule: 'label',
    description: 'A scope of names: one per instance, one per pool.',
    hasStatus: true,
    selectableFields: ['status.phase'],
    columns: [fieldColumn({ name: 'Status', path: 'status.phase', description: 'Phase.' })],
    setDefaults: namespaceDefaults,
  },
  {
    ...core,
    kind: 'Secret',
    plural: 'secrets',
    description: 'Small confidential data.',
    selectableFields: ['type'],
    columns: [
      fieldColumn({ name: 'Type', path: 'type', description: 'What it is for.' }),
      dataColumn(),
    ],
    setDefaults: secretDefaults,
    rules: secretRules,
  },
  {
    ...core,
    kind: 'ConfigMap',
    plural: 'configmaps',
    shortNames: ['cm'],
    description: 'Small configuration data.',
    columns: [dataColumn()],
    rules: configMapRules,
  },
  {
    ...core,
    kind: 'PersistentVolumeClaim',
    plural: 'persistentvolumeclaims',
    shortNames: ['pvc'],
    description: 'A folder that outlives pods.',
    hasStatus: true,
    columns: [
      fieldColumn({ name: 'Status', path: 'status.phase', description: 'Phase.' }),
      fieldColumn({ name: 'Volume', path: 'spec.volumeName', description: 'Bound volume.' }),
      fieldColumn({ name: 'Capacity', path: 'status.capacity.storage', description: 'Size.' }),
      {
        name: 'Access Modes',
        type: 'string',
        description: 'How it can be mounted.',
        priority: 0,
        cell: (claim) => listAt(claim, 'status.accessModes').map(String).join(','),
      },
      fieldColumn({
        name: 'StorageClass',
        path: 'spec.storageClassName',
        description: 'Class of storage.',
      }),
    ],
    setDefaults: claimDefaults,
    rules: claimRules,
  },
  {
    ...core,
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    shortNames: ['sa'],
    description: 'The identity of pods.',
    columns: [
      {
        name: 'Secrets',
        type: 'integer',
        description: 'Secrets that pods of this account may use.',
        priority: 0,
        cell: (account) => listAt(account, 'secrets').length,
      },
    ],
    lists: { secrets: byKey('name') },
  },
  {
    ...core,
    kind: 'Service',
    plural: 'services',
    shortNames: ['svc'],
    categories: ['all'],
    nameRule: 'label',
    description: 'A name for the pods that a selector finds.',
    hasStatus: true,
    selectableFields: ['spec.clusterIP', 'spec.type'],
    columns: serviceColumns,
    wideColumns: [selectorColumn('spec.selector')],
    setDefaults: serviceDefaults,
    lists: { 'spec.ports': { type: 'map', keys: ['port', 'protocol'], patchKey: 'port' } },
  },
  {
    ...core,
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    description: 'What happened to an object.',
    selectableFields: [
      'involvedObject.kind',
      'involvedObject.namespace',
      'involvedObject.name',
      'involvedObject.uid',
      'involvedObject.apiVersion',
      'involvedObject.resourceVersion',
      'involvedObject.fieldPath',
      'reason',
      'reportingComponent',
      'source',
      'type',
    ],
    allColumns: eventColumns,
  },
  {
    ...core,
    kind: 'Node',
    plural: 'nodes',
    shortNames: ['no'],
    namespaced: false,
    description: 'The machine on which pods run.',
    hasStatus: true,
    selectableFields: ['spec.unschedulable'],
    columns: [
      {
        name: 'Status',
        type: 'string',
        description: 'Whether pods can run.',
        priority: 0,
        cell: nodeStatus,
      },
      fieldColumn({
        name: 'Version',
        path: 'status.nodeInfo.kubeletVersion',
        description: 'Version of the pod runner.',
      }),
    ],
    lists: { 'status.addresses': byKey('type') },
  },
  {
    ...core,
    kind: 'Pod',
    plural: 'pods',
    shortNames: ['po'],
    categories: ['all'],
    description: 'Processes that live and die together.',
    hasStatus: true,
    selectableFields: [
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'status.phase',
      'status.podIP',
    ],
    columns: podColumns,
    setDefaults: (pod) =>
      withPhase(
        specDefaults(pod, (spec) => ({ enableServiceLinks: true, ...podSpecDefaults(spec) })),
        'Pending',
      ),
    rules: podRules,
    lists: { ...podSpecLists('spec'), 'status.podIPs': byKey('ip') },
  },
  {
    ...core,
    kind: 'ResourceQuota',
    plural: 'resourcequotas',
    shortNames: ['quota'],
    description: 'Limits of a namespace as a whole.',
    hasStatus: true,
  },
  {
    ...core,
    kind: 'LimitRange',
    plural: 'limitranges',
    shortNames: ['limits'],
    description: 'Default limits in a namespace.',
  },
]

/** Kubernetes labels every Namespace with its name, so that policies can select it, and lets it go last. */
function namespaceDefaults(namespace: KubeObject): KubeObject {
  const { metadata } = namespace
  const labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name }
  const labelled = { ...namespace, metadata: { ...metadata, labels } }
  return withPhase(withFinalizer('kubernetes', labelled), 'Active')
}

function withPhase(object: KubeObject, phase: string): KubeObject {
  const status = isRecord(object.status) ? object.status : {}
  return { ...object, status: { phase, ...status } }
}

function dataColumn() {
  return {
    name: 'Data',
    type: 'integer',
    description: 'Number of keys.',
    priority: 0,
    cell: (object: KubeObject) =>
      Object.keys(recordAt(object, 'data') ?? {}).length +
      Object.keys(recordAt(object, 'binaryData') ?? {}).length,
  } as const
}

function nodeStatus(node: KubeObject): string {
  const ready = listAt(node, 'status.conditions').find(
    (condition) => textAt(condition, 'type') === 'Ready',
  )
  const state = textAt(ready, 'status') === 'True' ? 'Ready' : 'NotReady'
  return valueAt(node, 'spec.unschedulable') === true ? `${state},SchedulingDisabled` : state
}
