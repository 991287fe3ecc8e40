import type { Job, Pod, PodFailureRule } from './kinds.ts'
import { containersOf, lastWords } from './pod-state.ts'

/**
 * Why a Job's `podFailurePolicy` ends it, in the words of Kubernetes; undefined while it may go on. Rules on exit codes
 * are looked at, in their order; of the actions only `FailJob` makes a difference here, all others count as a failure.
 */
export function failingExit({ spec }: Job, pods: readonly Pod[]): string | undefined {
  const rules = spec.podFailurePolicy?.rules ?? []
  const failed = pods.filter(({ status }) => status?.phase === 'Failed')
  return failed.map((pod) => messageOf(pod, rules)).find((message) => message !== undefined)
}

function messageOf(pod: Pod, rules: readonly PodFailureRule[]): string | undefined {
  const matches = rules.map((rule) => matchOf(pod, rule))
  const index = matches.findIndex((match) => match !== undefined)
  const match = matches[index]
  if (match === undefined || rules[index]?.action !== 'FailJob') return undefined
  const { namespace, name } = pod.metadata
  return `Container ${match.container} for pod ${namespace}/${name} failed with exit code ${match.exitCode} matching FailJob rule at index ${index}: ${lastWords(pod)}`
}

function matchOf(pod: Pod, { onExitCodes }: PodFailureRule) {
  if (onExitCodes === undefined) return undefined
  const { containerName, operator, values } = onExitCodes
  return containersOf(pod)
    .filter(({ name }) => containerName === undefined || name === containerName)
    .flatMap(({ name, state }) => {
      const { exitCode = 0 } = state?.terminated ?? {}
      return exitCode === 0 ? [] : [{ container: name, exitCode }]
    })
    .find(({ exitCode }) => values.includes(exitCode) === (operator === 'In'))
}
