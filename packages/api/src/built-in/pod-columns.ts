import { fieldColumn } from '../field-column.ts'
import type { PrintColumn } from '../kind.ts'
import type { KubeObject } from '../object.ts'
import { isRecord, listAt, numberAt, recordAt, textAt, type UnknownRecord } from '../record.ts'

/** The columns of `kubectl get pods`. */
export const podColumns: readonly PrintColumn[] = [
  {
    name: 'Ready',
    type: 'string',
    description: 'Ready containers of all containers.',
    priority: 0,
    cell: (pod) => {
      const ready = statuses(pod, 'containerStatuses').filter((status) => status.ready === true)
      return `${ready.length}/${listAt(pod, 'spec.containers').length}`
    },
  },
  {
    name: 'Status',
    type: 'string',
    description: 'Phase, or what keeps the pod from running.',
    priority: 0,
    cell: podStatus,
  },
  {
    name: 'Restarts',
    type: 'integer',
    description: 'Restarts of all containers.',
    priority: 0,
    cell: (pod) =>
      statuses(pod, 'containerStatuses').reduce(
        (sum, status) => sum + (numberAt(status, 'restartCount') ?? 0),
        0,
      ),
  },
  fieldColumn({ name: 'IP', path: 'status.podIP', description: 'Address.', wide: true }),
  fieldColumn({ name: 'Node', path: 'spec.nodeName', description: 'Where it runs.', wide: true }),
]

/** As kubectl derives it: the reason of the first container that is in trouble, else the phase. */
function podStatus(pod: KubeObject): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating'
  const init = initStatus(pod)
  if (init !== undefined) return init
  const phase = textAt(pod, 'status.reason') ?? textAt(pod, 'status.phase') ?? 'Pending'
  const troubled = statuses(pod, 'containerStatuses').map(trouble).find(Boolean)
  return troubled ?? phase
}

function initStatus(pod: KubeObject): string | undefined {
  const all = statuses(pod, 'initContainerStatuses')
  const count = listAt(pod, 'spec.initContainers').length
  const done = all.filter((status) => numberAt(status, 'state.terminated.exitCode') === 0).length
  if (count === 0 || done === count) return undefined
  // Not begun: as long as the pod is not seen by its runner, it is simply Pending.
  if (all.length === 0) return undefined
  const reason = all.map(trouble).find((name) => name !== undefined && name !== 'Completed')
  return reason === undefined || reason === 'PodInitializing'
    ? `Init:${done}/${count}`
    : `Init:${reason}`
}

function trouble(status: UnknownRecord): string | undefined {
  const waiting = textAt(status, 'state.waiting.reason')
  if (waiting !== undefined) return waiting
  const ended = recordAt(status, 'state.terminated')
  if (ended === undefined) return undefined
  return textAt(ended, 'reason') ?? `ExitCode:${numberAt(ended, 'exitCode') ?? '?'}`
}

function statuses(pod: KubeObject, name: string): readonly UnknownRecord[] {
  return listAt(pod, `status.${name}`).filter(isRecord)
}
