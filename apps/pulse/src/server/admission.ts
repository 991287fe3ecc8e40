import type { Log } from '@pulse/api'
import { type AdmissionSettings, createClientReader, parseMonitors } from '@pulse/gateway'
import { ConfigError } from '@pulse/service'
import type { PulseConfig } from '../config.ts'
import { admissionLimitsOf, gatewaySettings } from '../gateway-settings.ts'
import type { StatePaths } from '../installation/state-directory.ts'
import type { RoutingTable } from '../routing/routing-table.ts'
import { openHistoryFiles } from './history-files.ts'
import type { Runtimes } from './runtimes.ts'
import { createStaticSource } from './static-source.ts'

type Config = Pick<PulseConfig, keyof typeof gatewaySettings>

/** What the gateway needs of this machine to answer more than what passes through. */
export interface AdmissionDeps {
  readonly config: Config
  readonly runtimes: Runtimes
  readonly paths: Pick<StatePaths, 'histories' | 'volumes'>
}

export interface Admission {
  readonly settings: AdmissionSettings
  /** A process of the environment is starting. */
  started(environment: string): void
  /** It is gone, or another one by now. */
  forget(environment: string): void
}

export async function openAdmission(
  { config, runtimes, paths }: AdmissionDeps,
  {
    table,
    log,
    signal,
  }: { readonly table: RoutingTable; readonly log: Log; readonly signal: AbortSignal },
): Promise<Admission> {
  const owners = [...new Set([0, process.getuid?.() ?? 0])]
  const known = (name: string) => table.known(name)?.environment
  const source = createStaticSource({
    runtimes,
    environment: known,
    volumes: paths.volumes,
    owners,
    log,
  })
  return {
    settings: {
      ...admissionLimitsOf(config),
      monitors: parseMonitors(config.gatewayMonitors),
      files: { source, owners },
      histories: await openHistoryFiles({
        folder: paths.histories,
        isKnown: (name) => known(name) !== undefined,
        log,
        signal,
      }),
    },
    started: source.started,
    forget: source.forget,
  }
}

/** Throws with every list of the gateway that cannot be read, before anything has started. */
export function checkGatewayLists(config: Config) {
  const { gatewayTrustedProxies, gatewayMonitors } = gatewaySettings
  const mistakes = [
    ...mistakesIn(gatewayTrustedProxies, () => createClientReader(config.gatewayTrustedProxies)),
    ...mistakesIn(gatewayMonitors, () => parseMonitors(config.gatewayMonitors)),
  ]
  if (mistakes.length > 0) throw new ConfigError(mistakes)
}

function mistakesIn({ env }: { readonly env: string }, parse: () => unknown): readonly string[] {
  try {
    parse()
    return []
  } catch (error) {
    return [`${env}: ${error instanceof Error ? error.message : String(error)}`]
  }
}
