import { odooMajors } from '@pulse/api'
import type { Parameters } from '@pulse/compositions'
import { domainsOf, type PulseConfig } from '../config.ts'

/** Names of images on one machine: no registry is asked, the pod runner knows what they mean. */
export const images = { server: 'pulse', odoo: 'base-{major}' } as const

/** This machine, as the one node of its cluster. */
export const nodeName = 'pulse'

/** Where the gateway's own objects are. */
export const gatewayNamespace = 'pulse-system'

/** What the rules at the door need of the configuration; server and tasks must judge alike. */
export function kindOptions(config: PulseConfig) {
  return { domains: domainsOf(config), reservedLabels: config.reservedLabels }
}

export interface MachineFacts {
  readonly httpPort: number
  readonly postgres: { readonly host: string; readonly port: number }
  /** What keeps tenants apart, or what is missing for it. */
  readonly isolation: Parameters['isolation']
}

/** What compositions are told about this machine. */
export function machineParameters(config: PulseConfig, facts: MachineFacts): Parameters {
  return {
    platform: 'machine',
    domains: domainsOf(config),
    address: { scheme: 'http', ...(facts.httpPort !== 80 && { port: facts.httpPort }) },
    images,
    majors: odooMajors,
    workers: config.workers,
    postgres: { ...facts.postgres, network: { cidr: `${facts.postgres.host}/32` } },
    storage: { accessMode: 'ReadWriteOnce' },
    gateway: {
      name: 'pulse',
      namespace: gatewayNamespace,
      wakingService: `pulse-gateway.${gatewayNamespace}.svc`,
      callers: [gatewayNamespace],
    },
    tasks: { serviceAccount: 'pulse-task' },
    isolation: facts.isolation,
    ...(config.forkedWorkers === 'on' && { forkingNode: nodeName }),
  }
}
