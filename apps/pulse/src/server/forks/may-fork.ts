import { labelKeys } from '@pulse/compositions'
import type { PulseConfig } from '../../config.ts'

/**
 * Whether a pod with these labels is started as a fork. An instance wakes while somebody waits; a pool serves many
 * and is started once, for which a plain start is as good.
 */
export function mayFork(
  labels: Readonly<Record<string, string>>,
  { forkedWorkers }: Pick<PulseConfig, 'forkedWorkers'>,
): boolean {
  return forkedWorkers === 'on' && labels[labelKeys.tier] === 'instance'
}
