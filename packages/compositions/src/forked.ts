import type { Condition, OdooMajor } from '@pulse/api'
import { conditionOf, makeCondition } from './condition.ts'
import type { Tenancy } from './tenancy.ts'

/** The Node's condition that says whether instances of this major are forked. */
export function forkedConditionOf(major: OdooMajor): string {
  return `Forked-${major}`
}

/** Its reason while a parent starts, which is over in a moment. */
export const parentStarting = 'ParentStarting'

/**
 * Whether the next start of its workers is a fork; undefined where nothing is forked, as in a pool. What is over in a
 * moment is not told: what was said last stays.
 */
export function forked(
  tenancy: Pick<Tenancy, 'environment' | 'forkingNode' | 'parameters'>,
): Condition | undefined {
  const { environment, forkingNode, parameters } = tenancy
  const { hosting, odooVersion } = environment.spec
  if (hosting !== 'instance' || parameters.forkingNode === undefined) return undefined
  const told = conditionOf(forkingNode, forkedConditionOf(odooVersion))
  if (told?.status === 'True') {
    const message = `starts as a fork of a process that has Odoo ${odooVersion} loaded`
    return makeCondition('Forked', 'True', { reason: told.reason, message })
  }
  if (told === undefined || told.reason === parentStarting) return toldBefore(environment)
  const message = `starts plainly, which takes longer: ${told.message ?? told.reason}`
  return makeCondition('Forked', 'False', { reason: told.reason, message })
}

function toldBefore(environment: Tenancy['environment']): Condition | undefined {
  const before = conditionOf(environment, 'Forked')
  if (before?.status !== 'True' && before?.status !== 'False') return undefined
  const { status, reason, message = '' } = before
  return makeCondition('Forked', status, { reason, message })
}
