import { type KubeObject, textAt } from '@pulse/api'
import { conditionsOf } from './conditions.ts'

/**
 * What a tenant that is being made is at, for people; undefined when nothing is told yet. `templateMissing`: no tenant
 * of this Odoo can be cloned before its template is made. A reason that does not pass by itself is told as it is.
 */
export function progressWords(
  client: KubeObject | undefined,
  { templateMissing }: { readonly templateMissing: boolean },
): string | undefined {
  const message = conditionsOf(client).find(
    ({ status, message }) => status !== 'True' && message,
  )?.message
  if (message === undefined) return undefined
  const waited = waitedFor(message)
  if (waited === undefined) return message
  const odoo = `Odoo ${textAt(client, 'spec.odooVersion') ?? ''}`.trim()
  const { DatabaseReady, FilestoreReady, WorkersReady, RouteReady } = waited
  if (DatabaseReady !== undefined || FilestoreReady !== undefined) {
    if (templateMissing) return `making the template of ${odoo}, once, about half a minute`
    if (DatabaseReady === 'TemplateBuilding') {
      return `making the template of ${odoo} anew, once, about half a minute`
    }
    return DatabaseReady === 'PoolMissing'
      ? `preparing the workers of ${odoo}`
      : 'making the database'
  }
  if (WorkersReady !== undefined) return 'starting the workers'
  return RouteReady === undefined ? message : 'opening its address'
}

const passingReasons = [
  'Claiming',
  'PoolMissing',
  'Starting',
  'TemplateBuilding',
  'VolumePending',
  'Waiting',
  'WaitingForGateway',
]

/** Reasons by condition, of `waits for TYPE (REASON), …`; undefined when it says anything else. */
function waitedFor(message: string): Readonly<Record<string, string>> | undefined {
  if (message === 'prod is being made') return { DatabaseReady: 'Waiting' }
  const pairs = message
    .replace(/^waits for /, '')
    .split(', ')
    .map((part) => /^(\w+) \((\w+)\)$/.exec(part))
  const known = pairs.flatMap((pair) => {
    const [, type, reason] = pair ?? []
    return type !== undefined && reason !== undefined && passingReasons.includes(reason)
      ? [[type, reason] as const]
      : []
  })
  return known.length === pairs.length ? Object.fromEntries(known) : undefined
}
