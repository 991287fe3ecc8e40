import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { machineMetricDefinitions } from '../apps/pulse/src/server/machine-metrics.ts'
import {
  metricDefinitions as gatewayMetricDefinitions,
  seenByEach,
} from '../apps/pulse/src/server/metrics.ts'

interface Panel {
  readonly type: string
  readonly title: string
  readonly targets?: readonly { readonly expr: string }[]
}

const panels = ['gateway', 'machine'].flatMap((name): readonly Panel[] => {
  const file = join(import.meta.dirname, `../infra/monitoring/${name}-dashboard.json`)
  return JSON.parse(readFileSync(file, 'utf8')).panels
})
const metricDefinitions = [...gatewayMetricDefinitions, ...machineMetricDefinitions]
const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))

/** Names of series as Prometheus knows them. */
const series = metricDefinitions.flatMap(({ name, type }) =>
  type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
)
const labelsOf = new Map(metricDefinitions.map(({ name, labels }) => [name, labels]))

test.each(queries)('%s asks for what is measured, by labels that it has', (query) => {
  const asked = query.match(/pulse_\w+/g) ?? []
  expect(asked).not.toEqual([])
  expect(series).toEqual(expect.arrayContaining(asked))
  const known = asked.flatMap((name) => labelsOf.get(metricOf(name)) ?? [])
  const labels = [
    ...[...query.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', ')),
    ...[...query.matchAll(/[{,]\s*(\w+)\s*(?:=~|!~|!=|=)"/g)].map(([, label = '']) => label),
  ]
  expect(['le', ...known]).toEqual(expect.arrayContaining(labels))
})

/** `max(rate(name…`, and whatever stands around it. */
const greatest = (name: string) =>
  new RegExp(`\\bmax(?: by \\([^)]*\\) )?\\((?:(?:rate|increase)\\()?${name}\\b`)

test('what each gateway sees for itself is never added up over gateways', () => {
  const shared = metricDefinitions.filter(({ help }) => help.endsWith(seenByEach))
  expect(shared.map(({ name }) => name)).toContain('pulse_gateway_awake_seconds_total')
  for (const { name } of shared) {
    const asking = queries.filter((query) => query.includes(name))
    for (const query of asking) expect(query).toMatch(greatest(name))
  }
})

test('every metric of the gateway is shown somewhere', () => {
  const shown = queries.join(' ')
  const missing = metricDefinitions.filter(({ name }) => !shown.includes(name))
  expect(missing.map(({ name }) => name)).toEqual([])
})

test('every panel has a name of its own', () => {
  const titles = panels.map(({ title }) => title)
  expect(new Set(titles).size).toBe(titles.length)
})

function metricOf(seriesName: string): string {
  const base = seriesName.replace(/_(?:bucket|count|sum)$/, '')
  return labelsOf.has(base) ? base : seriesName
}
