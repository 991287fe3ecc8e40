import { randomUUID } from 'node:crypto'
import { describeObjects } from './objects.suite.ts'
import { createTestKinds } from './store/conformance/kinds.ts'
import { createMemoryObjects } from './store/memory.ts'

describeObjects('memory', async ({ now = () => new Date(), ...options } = {}) => {
  const { kinds, tightenRules } = createTestKinds()
  const objects = createMemoryObjects({
    kinds,
    now,
    newUid: () => randomUUID(),
    ...options,
  })
  return { objects, peer: objects, tightenRules, close: () => objects.close() }
})
