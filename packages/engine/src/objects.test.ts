import { randomUUID } from 'node:crypto'
import { describeObjects } from './objects.suite.ts'
import type { CreateHarness, HarnessOptions } from './store/conformance/harness.ts'
import { testKinds } from './store/conformance/kinds.ts'
import { describeRelations } from './store/conformance/relations.suite.ts'
import { createMemoryObjects } from './store/memory.ts'

const createStore = ({ now = () => new Date(), ...options }: HarnessOptions = {}) =>
  createMemoryObjects({ kinds: testKinds, now, newUid: () => randomUUID(), ...options })

const createPlain: CreateHarness = async (options) => {
  const store = createStore(options)
  return { objects: store, peer: store, close: () => store.close() }
}

const createCached: CreateHarness = async (options) => {
  const store = createStore(options)
  return { objects: store.cached, peer: store, close: () => store.close() }
}

describeObjects('memory', createPlain)
describeRelations('memory', createPlain)
describeObjects('memory, of which what was read is kept', createCached)
describeRelations('memory, of which what was read is kept', createCached)
