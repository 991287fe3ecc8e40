export interface StandbyDemand {
  /** Claims of this template and hosting in the last ten minutes. */
  readonly recentClaims: number
  /** What one filling takes here, as measured. */
  readonly fillSeconds: number
}

const windowSeconds = 600
const most = 10

/** How many standbys to keep: what is claimed while one is being filled, and one more (issue 3, section 6). */
export function standbyTarget({ recentClaims, fillSeconds }: StandbyDemand): number {
  const meanwhile = Math.ceil((recentClaims * fillSeconds) / windowSeconds)
  return Math.min(most, Math.max(1, meanwhile + 1))
}

export interface FillSituation {
  readonly ready: number
  readonly target: number
  readonly claimWaits: boolean
  /** Free share of the disk that holds the databases, 0 to 1; undefined where it cannot be known. */
  readonly freeDisk: number | undefined
}

const leastFreeDisk = 0.1

/** Why nothing is filled now; undefined means: fill one. */
export function reasonNotToFill(
  situation: FillSituation,
): 'Enough' | 'ClaimWaits' | 'DiskNearlyFull' | undefined {
  if (situation.ready >= situation.target) return 'Enough'
  // A filling makes the disk busy, and a customer is waiting for it.
  if (situation.claimWaits) return 'ClaimWaits'
  if (situation.freeDisk !== undefined && situation.freeDisk < leastFreeDisk)
    return 'DiskNearlyFull'
  return undefined
}
