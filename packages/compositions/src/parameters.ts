import type { Domains, OdooMajor } from '@pulse/api'

/**
 * What compositions are told about the installation they compose for. Plain data, so that one machine passes it from
 * its configuration and Crossplane from the `input` of its pipeline step.
 */
export interface Parameters {
  readonly platform: 'machine' | 'kubernetes'
  readonly domains: Domains
  /** How people reach the gateway; `port` only where it is not the scheme's own. */
  readonly address: { readonly scheme: 'http' | 'https'; readonly port?: number }
  readonly images: {
    /** The image of `pulse` itself: tasks run from it. */
    readonly server: string
    /** `{major}` stands for the Odoo major: `base-{major}`. */
    readonly odoo: string
  }
  /** Odoo majors that this installation can run. */
  readonly majors: readonly OdooMajor[]
  /** Those of them that the stand-in serves. */
  readonly standInMajors?: readonly OdooMajor[]
  /** Tells a runtime from the one before it, where images have no version: workers start anew on another. */
  readonly runtimes?: Readonly<Partial<Record<OdooMajor, string>>>
  /** `threaded`: one process per Odoo (one machine). `tier`: as many workers as the size of the tenant says. */
  readonly workers: 'threaded' | 'tier'
  /** PostgreSQL as workers see it, and what a network policy must open for it. */
  readonly postgres: {
    readonly host: string
    readonly port: number
    readonly network: { readonly cidr: string } | { readonly namespace: string }
  }
  /** Storage of filestores; no `className`: the cluster's default. */
  readonly storage: { readonly className?: string; readonly accessMode: VolumeAccessMode }
  /** The Gateway that HTTPRoutes attach to, and the Service that wakes sleeping tenants. */
  readonly gateway: {
    readonly name: string
    readonly namespace: string
    /** Hostname of the waking Service: target of `waking-service` in each namespace. */
    readonly wakingService: string
    /** Namespaces whose pods may call Odoo's workers: of the Gateway's proxies and of the waking Service. */
    readonly callers: readonly string[]
  }
  readonly tasks: {
    readonly serviceAccount: string
    /** Secret with the database administrator's connection, in the namespace of tasks; none on one machine. */
    readonly secret?: string
  }
  /** Whether the installation keeps tenants apart: by OS users and firewall, or by network policies. */
  readonly isolation: Isolation
  /** Name of the Node that starts instances as forks and says by conditions whether it can; absent: none does. */
  readonly forkingNode?: string
}

/** `shared-user`: one OS user runs all tenants. `no-firewall`: each has its own, but loopback is open between them. */
export type Isolation = 'enforced' | 'shared-user' | 'no-firewall'

export type VolumeAccessMode = 'ReadWriteOnce' | 'ReadWriteMany'

/** The image that runs Odoo of this major. */
export function odooImage({ images }: Parameters, major: OdooMajor): string {
  return images.odoo.replaceAll('{major}', major)
}

/** Where people find this hostname. */
export function urlOf({ address }: Parameters, hostname: string): string {
  const port = address.port === undefined ? '' : `:${address.port}`
  return `${address.scheme}://${hostname}${port}`
}
