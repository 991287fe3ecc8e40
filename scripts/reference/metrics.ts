import { metricDefinitions } from '../../apps/pulse/src/server/metrics.ts'
import { type GeneratedFile, generatedNote, table } from './generated-file.ts'

/** Everything that is measured (Prometheus). */
export function metricsReference(): readonly GeneratedFile[] {
  const rows = metricDefinitions.map(({ name, type, labels, help }) => [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(', '),
    help,
  ])
  const text = `${generatedNote}# Metrics

Prometheus text format, at \`/metrics\` of the API, with the administrator's token.

${table(['Name', 'Type', 'Labels', 'Meaning'], rows)}`
  return [{ path: 'docs/reference/metrics.md', text }]
}
