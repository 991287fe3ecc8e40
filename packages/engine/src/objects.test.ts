import { randomUUID } from 'node:crypto'
import { describeObjects } from './objects.suite.ts'
import type { HarnessOptions } from './store/conformance/harness.ts'
import { testKinds } from './store/conformance/kinds.ts'
import { createMemoryObjects } from './store/memory.ts'

const createStore = ({ now = () => new Date(), ...options }: HarnessOptions = {}) =>
  createMemoryObjects({ kinds: testKinds, now, newUid: () => randomUUID(), ...options })

describeObjects('memory', async (options) => {
  const store = createStore(options)
  return { objects: store, peer: store, close: () => store.close() }
})

describeObjects('memory, of which what was read is kept', async (options) => {
  const store = createStore(options)
  return { objects: store.cached, peer: store, close: () => store.close() }
})
