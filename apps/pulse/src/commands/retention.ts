import { type KubeObject, valueAt } from '@pulse/api'

const dayMs = 24 * 3600 * 1000

/** What becomes of the data of a tenant that is deleted now; empty for anything else. */
export function retentionWords(object: KubeObject | undefined, now: Date): string {
  const days = valueAt(object, 'spec.deletionPolicy.retainDays')
  if (object?.kind !== 'PLANAClient' || typeof days !== 'number') return ''
  if (days === 0) return '; its data is not kept'
  const until = new Date(now.getTime() + days * dayMs).toISOString().slice(0, 10)
  return `; its data is kept until ${until}`
}
