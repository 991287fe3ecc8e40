import type { Hosting, ResourceSize, Tier } from './fields.ts'
import { resourceSizes } from './fields.ts'

/** What a tier includes and allows. */
export interface Entitlements {
  /** Where the tenant runs unless it asks otherwise. */
  readonly hosting: Hosting
  /** The size that is included; in a pool, whose workers are shared, also the largest that means anything. */
  readonly resources: ResourceSize
  /** The largest size an instance may ask for. */
  readonly maxResources: ResourceSize
  readonly maxEnvironments: number
  /** Enterprise tenants are always on unless they ask to sleep. */
  readonly sleeps: boolean
  /** Scheduled actions wake a sleeping tenant at most this often; what is due meanwhile runs later. */
  readonly scheduleIntervalSeconds: number
  /** Visitors without a session or a login may wake a sleeping tenant so often. */
  readonly wakesPerHour: number
}

export const entitlements: Readonly<Record<Tier, Entitlements>> = {
  starter: {
    hosting: 'pool',
    resources: 'free',
    maxResources: 'pro',
    maxEnvironments: 1,
    sleeps: true,
    scheduleIntervalSeconds: 900,
    wakesPerHour: 10,
  },
  pro: {
    hosting: 'instance',
    resources: 'pro',
    maxResources: 'team',
    maxEnvironments: 10,
    sleeps: true,
    scheduleIntervalSeconds: 300,
    wakesPerHour: 20,
  },
  enterprise: {
    hosting: 'instance',
    resources: 'enterprise',
    maxResources: 'enterprise',
    maxEnvironments: 50,
    sleeps: false,
    scheduleIntervalSeconds: 60,
    wakesPerHour: 60,
  },
}

export function entitlementsOf(tier: unknown): Entitlements | undefined {
  return tier === 'starter' || tier === 'pro' || tier === 'enterprise'
    ? entitlements[tier]
    : undefined
}

/** The rule that this size breaks, or none. */
export function brokenResourcesRule(
  tier: unknown,
  hosting: unknown,
  resources: unknown,
): string | undefined {
  const allowed = entitlementsOf(tier)
  const asked = resourceSizes.map(String).indexOf(String(resources))
  if (allowed === undefined || asked === -1) return undefined
  const largest = hosting === 'pool' ? allowed.resources : allowed.maxResources
  if (asked <= resourceSizes.indexOf(largest)) return undefined
  return hosting === 'pool'
    ? `must be at most ${largest} in a pool with tier ${tier}: its workers are shared; ask for hosting instance`
    : `must be at most ${largest} with tier ${tier}`
}
