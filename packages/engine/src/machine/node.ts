import { availableParallelism, release, totalmem } from 'node:os'
import { arch } from 'node:process'
import { type Condition, hasReason, type KubeObject, recordOf } from '@pulse/api'
import { toSeconds } from '../conditions.ts'
import { isolatedCondition } from './isolated-condition.ts'
import type { MachineOptions } from './machine-options.ts'
import { listOf, textOf } from './pod-runner/fields.ts'
import type { Isolation } from './pod-runner/isolation.ts'

const fieldManager = 'pulse-node'
const podCapacity = 254 * 254

export interface NodeOptions extends MachineOptions {
  readonly name: string
  readonly isolation: Isolation
  /** Why tenants are not firewalled from each other; undefined when they are. */
  readonly firewallProblem: string | undefined
  readonly pulseVersion: string
  /** Conditions of whoever uses the machine. */
  readonly more?: readonly Condition[]
}

/**
 * Writes the Node object of this machine: what it has and what it enforces. There is no heartbeat: who can read the
 * object reads it from the very process that would beat.
 */
export async function announceNode(options: NodeOptions): Promise<void> {
  const { objects, clock, name } = options
  const node = (await objects.get(refTo(name))) ?? (await createNode(options))
  const { resourceVersion: _, ...metadata } = node.metadata
  const status = makeNodeStatus(options, node, toSeconds(clock.now()))
  await objects.update({ ...node, metadata, status }, { fieldManager, subresource: 'status' })
}

function refTo(name: string) {
  return { apiVersion: 'v1', kind: 'Node', name }
}

async function createNode({ objects, name }: NodeOptions): Promise<KubeObject> {
  const labels = {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture(),
  }
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: {} }
  try {
    return await objects.create(node, { fieldManager })
  } catch (error) {
    const existing = hasReason(error, 'AlreadyExists') && (await objects.get(refTo(name)))
    if (existing) return existing
    throw error
  }
}

/** Node's `x64` is Kubernetes' `amd64`. */
function architecture(): string {
  return arch === 'x64' ? 'amd64' : arch
}

/** The status of the Node; a condition keeps its transition time while its status stays. */
export function makeNodeStatus(
  options: NodeOptions,
  node: KubeObject,
  now: string,
): Record<string, unknown> {
  const capacity = {
    cpu: String(availableParallelism()),
    memory: `${Math.floor(totalmem() / 1024)}Ki`,
    pods: String(podCapacity),
  }
  const before = listOf(recordOf(node.status).conditions)
  return {
    capacity,
    allocatable: capacity,
    addresses: [
      { type: 'InternalIP', address: '127.0.0.1' },
      { type: 'Hostname', address: options.name },
    ],
    nodeInfo: {
      operatingSystem: 'linux',
      architecture: architecture(),
      kernelVersion: release(),
      kubeletVersion: options.pulseVersion,
      containerRuntimeVersion: `pulse://${options.pulseVersion}`,
      // Required by the kind; identifiers of the machine are nobody's business here.
      machineID: '',
      systemUUID: '',
      bootID: '',
      osImage: '',
      kubeProxyVersion: '',
    },
    conditions: conditionsOf(options).map((condition) => {
      const old = before.find(({ type }) => type === condition.type)
      const since = old?.status === condition.status ? textOf(old.lastTransitionTime) : undefined
      return { ...condition, lastHeartbeatTime: now, lastTransitionTime: since ?? now }
    }),
  }
}

function conditionsOf({ isolation, firewallProblem, more = [] }: NodeOptions): Condition[] {
  const { ownUsers, cgroups } = isolation
  const unenforced = (['memory', 'cpu'] as const).filter(
    (name) => !cgroups.controllers.includes(name),
  )
  return [
    { type: 'Ready', status: 'True', reason: 'PulseReady', message: 'pulse carries out pods' },
    unenforced.length === 0
      ? { type: 'ResourcesEnforced', status: 'True', reason: 'Cgroups' }
      : {
          type: 'ResourcesEnforced',
          status: 'False',
          reason: 'NoCgroups',
          message: `limits that are not enforced: ${unenforced.join(', ')}`,
        },
    isolatedCondition(ownUsers, firewallProblem),
    ...more,
  ]
}
