import { availableParallelism, homedir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { type Domains, defaultReservedLabels, maxDomainLength, parseDomains } from '@pulse/api'
import {
  type Config,
  ConfigError,
  defineSettings,
  logLevels,
  parseConfig,
  redactConfig,
} from '@pulse/service'
import Type from 'typebox'
import { forkSettings } from './fork-settings.ts'
import { gatewaySettings } from './gateway-settings.ts'
import { heapSettings } from './heap-settings.ts'
import { metricsMistakes, metricsSettings } from './metrics-settings.ts'
import { parkedSettings } from './parked-settings.ts'
import { portMistakes } from './port-mistakes.ts'
import { recyclingSettings } from './recycling-settings.ts'
import { scheduleSettings } from './schedule-settings.ts'
import { tlsSettings } from './tls/tls-settings.ts'
import { unknownSettings } from './unknown-settings.ts'

/** All settings of the server and of the command; the reference is generated from here. */
export const settings = defineSettings({
  stateDir: {
    env: 'PLANA_STATE_DIR',
    schema: Type.String({ minLength: 1 }),
    default: defaultStateDir,
    defaultText: '/var/lib/pulse as root, else $XDG_STATE_HOME/pulse or ~/.local/state/pulse',
    description: 'folder that holds everything this installation owns',
  },
  httpPort: {
    env: 'PLANA_HTTP_PORT',
    schema: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    default: undefined,
    defaultText:
      'that of the last start, which the state directory remembers; at first 8080, or the next free one',
    description: 'port of the gateway on loopback',
  },
  apiPort: {
    env: 'PLANA_API_PORT',
    schema: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    default: undefined,
    defaultText:
      'that of the last start, which the state directory remembers; at first 6443, or the next free one',
    description: 'port of the Kubernetes API on loopback',
  },
  databaseUrl: {
    env: 'PLANA_DATABASE_URL',
    schema: Type.Optional(Type.String({ pattern: '^postgres(ql)?://' })),
    default: undefined,
    defaultText: 'an own PostgreSQL under the state directory',
    description: 'administrator URL of an external PostgreSQL',
    secret: true,
  },
  tenantDomain: {
    env: 'PLANA_TENANT_DOMAIN',
    schema: Type.String({ minLength: 1, maxLength: maxDomainLength }),
    default: 'localhost',
    description: 'domain of production hostnames: {label}.{domain}',
  },
  devDomain: {
    env: 'PLANA_DEV_DOMAIN',
    schema: Type.Optional(Type.String({ minLength: 1, maxLength: maxDomainLength })),
    default: undefined,
    defaultText: 'the tenant domain',
    description: 'domain of all other environments',
  },
  aliasDomain: {
    env: 'PLANA_ALIAS_DOMAIN',
    schema: Type.Optional(Type.String({ minLength: 1, maxLength: maxDomainLength })),
    default: undefined,
    defaultText: 'none',
    description: 'domain under which a tenant may have the alias {label}.{domain} and no other',
  },
  platformDomains: {
    env: 'PLANA_PLATFORM_DOMAINS',
    schema: Type.Array(Type.String({ minLength: 1, maxLength: 253 }), { maxItems: 100 }),
    default: [],
    defaultText: 'none',
    description: 'further domains of the operator, with commas: no alias of a tenant may be there',
  },
  reservedLabels: {
    env: 'PLANA_RESERVED_LABELS',
    schema: Type.Array(Type.String({ pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$', maxLength: 63 }), {
      maxItems: 1000,
    }),
    default: [...defaultReservedLabels],
    defaultText: 'the list in packages/api/src/reserved-labels.ts',
    description: 'labels that no tenant may have, with commas; they replace the default list',
  },
  ...tlsSettings,
  ...gatewaySettings,
  ...parkedSettings,
  ...forkSettings,
  ...recyclingSettings,
  ...metricsSettings,
  ...scheduleSettings,
  ...heapSettings,
  logLevel: {
    env: 'PLANA_LOG_LEVEL',
    schema: Type.Union(logLevels.map((level) => Type.Literal(level))),
    default: 'info',
    description: 'least severity that is logged',
  },
  workers: {
    env: 'PLANA_ODOO_WORKERS',
    schema: Type.Union([Type.Literal('threaded'), Type.Literal('tier')]),
    default: 'threaded',
    description:
      'threaded: one process per environment; tier: as many workers as its resources say',
  },
  taskConcurrency: {
    env: 'PLANA_TASK_CONCURRENCY',
    schema: Type.Integer({ minimum: 1, maximum: 64 }),
    default: availableParallelism,
    defaultText: 'number of cores',
    description: 'tasks that run at once',
  },
  standInBurn: {
    env: 'PLANA_STANDIN_BURN',
    schema: Type.Number({ minimum: 0, maximum: 10 }),
    default: 1,
    description: 'share of the CPU time of real Odoo that the stand-in spends; 0 for tests',
  },
})

export type PulseConfig = Config<typeof settings>

/** Reads the environment once; flags of the command line win over it. */
export function readConfig(flags: Readonly<Record<string, string | undefined>> = {}): PulseConfig {
  const given = Object.entries(flags).flatMap(([name, value]) => {
    const setting = Object.entries(settings).find(([key]) => key === name)?.[1]
    return setting && value !== undefined ? [[setting.env, value]] : []
  })
  const config = parseGiven(Object.fromEntries(given))
  try {
    domainsOf(config)
  } catch (error) {
    throw error instanceof RangeError ? new ConfigError([error.message]) : error
  }
  const mistakes = [...metricsMistakes(config), ...portMistakes(settings, config)]
  if (mistakes.length > 0) throw asWritten(new ConfigError(mistakes), Object.fromEntries(given))
  // Tasks and pods have a working directory of their own, and must mean the same folder.
  return { ...config, stateDir: resolve(config.stateDir) }
}

/** What the environment has that looks like a setting and is none, a line for each. */
export function mistakenSettings(): readonly string[] {
  return unknownSettings(settings, process.env)
}

/** Parses the environment with what flags gave. */
function parseGiven(given: Readonly<Record<string, string>>): PulseConfig {
  try {
    return parseConfig(settings, { ...process.env, ...given })
  } catch (error) {
    throw error instanceof ConfigError ? asWritten(error, given) : error
  }
}

/** A mistake names what a person has written: the flag where there was one. */
function asWritten({ mistakes }: ConfigError, given: Readonly<Record<string, string>>) {
  const flags: Readonly<Record<string, string>> = {
    [settings.stateDir.env]: '--state',
    [settings.httpPort.env]: '--http-port',
  }
  return new ConfigError(
    mistakes.map((mistake) =>
      mistake.replace(/^[A-Z_]+/, (env) => (env in given ? (flags[env] ?? env) : env)),
    ),
  )
}

/** The domains under which hostnames are made, or which nobody may ask for. Throws on one that is none. */
export function domainsOf(config: PulseConfig): Domains {
  const { tenantDomain, devDomain = tenantDomain, aliasDomain, platformDomains } = config
  return parseDomains({
    tenant: tenantDomain,
    dev: devDomain,
    platform: platformDomains,
    ...(aliasDomain !== undefined && { alias: aliasDomain }),
  })
}

/** Every setting as the log may show it. */
export function configSummary(config: PulseConfig): Readonly<Record<string, unknown>> {
  return redactConfig(settings, config)
}

function defaultStateDir(): string {
  if (userInfo().uid === 0) return '/var/lib/pulse'
  return join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'pulse')
}
