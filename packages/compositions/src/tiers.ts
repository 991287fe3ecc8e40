import type { Edition, ResourceSize, Tier } from '@pulse/api'

/** Which template a plan begins with. */
export const editionOfTier: Readonly<Record<Tier, Edition>> = {
  starter: 'basic',
  pro: 'pro',
  enterprise: 'pro',
}

/** What a size reserves and may use at most. */
export interface Size {
  readonly memory: string
  readonly cpuRequest: string
  readonly cpuLimit: string
  /** HTTP worker processes of Odoo, where `workers` is `tier`. */
  readonly workers: number
  readonly filestore: string
}

/** The published sizes (spec/platform.md, section 9); the filestore's share is ours. */
export const sizes: Readonly<Record<ResourceSize, Size>> = {
  free: { memory: '512Mi', cpuRequest: '250m', cpuLimit: '1000m', workers: 2, filestore: '5Gi' },
  pro: { memory: '1Gi', cpuRequest: '500m', cpuLimit: '2000m', workers: 4, filestore: '20Gi' },
  team: { memory: '2Gi', cpuRequest: '1000m', cpuLimit: '4000m', workers: 6, filestore: '50Gi' },
  enterprise: {
    memory: '4Gi',
    cpuRequest: '2000m',
    cpuLimit: '8000m',
    workers: 9,
    filestore: '100Gi',
  },
}

/** One worker pod of a pool. */
export const poolSize: Size = {
  memory: '4Gi',
  cpuRequest: '500m',
  cpuLimit: '4000m',
  workers: 4,
  filestore: '200Gi',
}
