import type { PulseConfig } from '../../config.ts'

const tierLabel = 'platxa.io/tier'

/**
 * Whether a pod with these labels is started as a fork. An instance wakes while somebody waits; a pool serves many
 * and is started once, for which a plain start is as good.
 */
export function mayFork(
  labels: Readonly<Record<string, string>>,
  { forkedWorkers }: Pick<PulseConfig, 'forkedWorkers'>,
): boolean {
  return forkedWorkers === 'on' && labels[tierLabel] === 'instance'
}
