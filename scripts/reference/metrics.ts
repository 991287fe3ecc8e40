import { machineMetricDefinitions } from '../../apps/pulse/src/server/machine-metrics.ts'
import { metricDefinitions } from '../../apps/pulse/src/server/metrics.ts'
import { type GeneratedFile, generatedNote, table } from './generated-file.ts'

/** Everything that is measured (Prometheus). */
export function metricsReference(): readonly GeneratedFile[] {
  const all = [...metricDefinitions, ...machineMetricDefinitions]
  const rows = all.map(({ name, type, labels, help }) => [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(', '),
    help,
  ])
  const text = `${generatedNote}# Metrics

Prometheus text format, at \`/metrics\` of an own listener: \`http://127.0.0.1:9090\` unless PLANA_METRICS_HOST and
PLANA_METRICS_PORT say otherwise. On loopback it needs no token, beyond it always (PLANA_METRICS_TOKEN); the
administrator's token is taken too. \`gateway-dashboard.json\` and \`machine-dashboard.json\` in \`infra/monitoring\` are
Grafana dashboards over them.

On the same listener \`/livez\` and \`/readyz\` (\`?verbose\`, \`?exclude=NAME\`, \`/readyz/NAME\` of ping, store, controllers,
gateway) tell without a token whether Pulse answers and whether it can work; each check has two seconds.

What a request costs here does not depend on how many tenants there are: the only label that names tenants is
\`environment\` of \`pulse_gateway_awake_seconds_total\`. It stands for instances alone, from when they wake until ten
minutes after they fell asleep; of 10,000 tenants of which 100 are awake that is some 100 series, and never more than
there are instances.

${table(['Name', 'Type', 'Labels', 'Meaning'], rows)}`
  return [{ path: 'docs/reference/metrics.md', text }]
}
