import { randomUUID } from 'node:crypto'
import { describeObjects } from './objects.suite.ts'
import { testKinds } from './store/conformance/kinds.ts'
import { createMemoryObjects } from './store/memory.ts'

describeObjects('memory', async ({ now = () => new Date(), ...options } = {}) => {
  const objects = createMemoryObjects({
    kinds: testKinds,
    now,
    newUid: () => randomUUID(),
    ...options,
  })
  return { objects, peer: objects, close: () => objects.close() }
})
