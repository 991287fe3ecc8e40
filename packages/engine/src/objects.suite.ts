import { describe } from 'vitest'
import { describeApplies } from './store/conformance/applies.suite.ts'
import { describeCreations } from './store/conformance/creations.suite.ts'
import { describeDeletions } from './store/conformance/deletions.suite.ts'
import type { CreateHarness } from './store/conformance/harness.ts'
import { describeLists } from './store/conformance/lists.suite.ts'
import { describeWatches } from './store/conformance/watches.suite.ts'
import { describeWrites } from './store/conformance/writes.suite.ts'

/** What every store of resources promises; run against each implementation of `Objects`. */
export function describeObjects(name: string, createHarness: CreateHarness): void {
  describe(`objects in ${name}`, () => {
    describeCreations(createHarness)
    describeWrites(createHarness)
    describeLists(createHarness)
    describeWatches(createHarness)
    describeApplies(createHarness)
    describeDeletions(createHarness)
  })
}
