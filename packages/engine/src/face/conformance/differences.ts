import type { Difference } from './difference.ts'
import { discoveryDifferences } from './discovery-differences.ts'
import { objectDifferences } from './object-differences.ts'
import { ownerDifferences } from './owner-differences.ts'
import { requestDifferences } from './request-differences.ts'

/** All that is known to differ. The comparison with a real API server fails for one that is gone as for one that is new. */
export const differences: readonly Difference[] = [
  ...discoveryDifferences,
  ...requestDifferences,
  ...objectDifferences,
  ...ownerDifferences,
]
