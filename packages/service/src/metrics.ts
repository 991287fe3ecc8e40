import type { Registry } from 'prom-client'

/** One metric as the reference shows it; declared in a `metrics.ts` per package. */
export interface MetricDefinition {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  /** Seconds, for histograms. */
  readonly buckets?: readonly number[]
}

export interface Metrics {
  /** Adds to a counter, sets a gauge, observes in a histogram. */
  record(name: string, value: number, labels?: Readonly<Record<string, string>>): void
  /** Drops one series: what is no more should not be told of for good. */
  forget(name: string, labels: Readonly<Record<string, string>>): void
  /** Called before each reading, for what is looked up then and not counted as it happens. */
  beforeText(run: () => void): void
  /** Prometheus text format 0.0.4. */
  text(): Promise<string>
}

/**
 * A registry with exactly the declared metrics; recording an undeclared one is a bug and throws. The library is loaded
 * only here, because most processes that read a configuration or write a log count nothing.
 */
export async function createMetrics(definitions: readonly MetricDefinition[]): Promise<Metrics> {
  const library = await import('prom-client')
  const registry = new library.Registry()
  const recorders = new Map(
    definitions.map((definition) => [definition.name, recorderOf(definition, registry, library)]),
  )
  const readers: (() => void)[] = []
  return {
    record(name, value, labels = {}) {
      const recorder = recorders.get(name)
      if (!recorder) throw new Error(`metric ${name} is not declared`)
      recorder(value, labels)
    },
    forget: (name, labels) => registry.getSingleMetric(name)?.remove({ ...labels }),
    beforeText: (run) => void readers.push(run),
    text() {
      for (const run of readers) run()
      return registry.metrics()
    },
  }
}

type Recorder = (value: number, labels: Readonly<Record<string, string>>) => void

function recorderOf(
  definition: MetricDefinition,
  registry: Registry,
  { Counter, Gauge, Histogram }: typeof import('prom-client'),
): Recorder {
  const { name, help } = definition
  const options = { name, help, labelNames: [...definition.labels], registers: [registry] }
  if (definition.type === 'counter') {
    const counter = new Counter(options)
    return (value, labels) => counter.inc(labels, value)
  }
  if (definition.type === 'gauge') {
    const gauge = new Gauge(options)
    return (value, labels) => gauge.set(labels, value)
  }
  const histogram = new Histogram({ ...options, buckets: [...(definition.buckets ?? [])] })
  return (value, labels) => histogram.observe(labels, value)
}
