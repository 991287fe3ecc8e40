import { STATUS_CODES } from 'node:http'
import type { Log } from '@pulse/api'
import type { RequestFacts } from '@pulse/gateway'
import type { Metrics } from '@pulse/service'

/** Counts and logs each request that the gateway has finished. */
export function recordRequests(metrics: Metrics, log: Log): (facts: RequestFacts) => void {
  return (facts) => {
    const { environment = 'none', class: name = 'none', problem = 'none', handled } = facts
    const { status, durationMs, raced } = facts
    const labels = { class: name, code: codeOf(status), handled, problem }
    metrics.record('pulse_gateway_requests_total', 1, labels)
    metrics.record('pulse_gateway_request_duration_seconds', durationMs / 1000)
    if (raced) metrics.record('pulse_gateway_raced_total', 1)
    log.debug({ environment, class: name, status, problem, durationMs, handled }, 'request')
  }
}

/** `499`: the client left. A tenant's Odoo answers what it likes, and each new code would be a series for ever. */
function codeOf(status: number): string {
  if (status in STATUS_CODES || status === 499) return String(status)
  return `${Math.trunc(status / 100)}xx`
}
