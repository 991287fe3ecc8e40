import type { Condition } from '@pulse/api'
import { isolatedCondition } from '../isolated-condition.ts'
import { limitsOf } from './cgroup-limits.ts'
import type { RunnerContext } from './context.ts'
import type { Pod } from './pod.ts'

/** What this machine does and does not enforce for a pod, said on the pod. */
export function factsOf(pod: Pod, { isolation, firewall }: RunnerContext): Condition[] {
  return [
    isolatedCondition(isolation.ownUsers, firewall.problem),
    ...resourcesEnforced(pod, isolation.cgroups),
  ]
}

type Cgroups = RunnerContext['isolation']['cgroups']

/** Nothing is said of a pod that asks for no limits. */
function resourcesEnforced(pod: Pod, { controllers }: Cgroups): Condition[] {
  const containers = [...pod.initContainers, ...pod.containers]
  const limits = containers.map((container) => ({ name: container.name, ...limitsOf(container) }))
  const unenforced = limits.flatMap(({ name, memoryBytes, cpus }) => [
    ...(memoryBytes === undefined || controllers.includes('memory') ? [] : [`memory of ${name}`]),
    ...(cpus === undefined || controllers.includes('cpu') ? [] : [`cpu of ${name}`]),
  ])
  const type = 'ResourcesEnforced'
  if (limits.every(({ memoryBytes, cpus }) => memoryBytes === undefined && cpus === undefined))
    return []
  if (unenforced.length === 0) return [{ type, status: 'True', reason: 'Cgroups' }]
  const message = `not enforced, as no control group is writable: ${unenforced.join(', ')}`
  return [{ type, status: 'False', reason: 'NoCgroups', message }]
}
