import { createNumbering, createParts } from '../model/world-keys.suite.ts'
import type { Gateway, Scene, World } from './world.suite.ts'

/** Tells worlds apart by a number, the same for those in which the two gateways have changed places. */
export interface WorldKeys {
  keyOf(world: World): number
  /** The same world out of parts that it shares with all others. */
  shared(world: World): World
}

/** How many there may be of each: beyond, a number would not be exact any more. */
const most = { records: 2 ** 9, gateways: 2 ** 20, pairs: 2 ** 22, scenes: 2 ** 22 }

export function createWorldKeys(): WorldKeys {
  const records = createParts<World['record']>(most.records)
  const gateways = createParts<Gateway>(most.gateways)
  const scenes = createParts<Scene>(most.scenes)
  const pairs = createNumbering(most.pairs)
  const pack = (record: number, scene: number, [a, b]: readonly [number, number]) =>
    (pairs(a * most.gateways + b) * most.records + record) * most.scenes + scene

  return {
    keyOf({ record, scene, gateways: [first, second] }) {
      if (first === undefined || second === undefined) throw new Error('a model of two gateways')
      const [a, b] = [gateways.idOf(first), gateways.idOf(second)]
      const [r, s] = [records.idOf(record), scenes.idOf(scene)]
      const mirrored = [gateways.mirrorOf(b), gateways.mirrorOf(a)] as const
      return Math.min(pack(r, s, [a, b]), pack(records.mirrorOf(r), scenes.mirrorOf(s), mirrored))
    },
    shared: ({ record, scene, gateways: both }) => ({
      record: records.shared(record),
      scene: scenes.shared(scene),
      gateways: both.map(gateways.shared),
    }),
  }
}
