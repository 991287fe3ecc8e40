/**
 * What every process of Pulse needs around its business: configuration read once, logs without secrets, metrics.
 * It knows no tenant and no resource.
 */
export {
  type Config,
  ConfigError,
  defineSettings,
  type Environment,
  parseConfig,
  redactConfig,
  type Setting,
  type Settings,
} from './config.ts'
export { createLog, type LogLevel, logLevels } from './log.ts'
export { createMetrics, type MetricDefinition, type Metrics } from './metrics.ts'
