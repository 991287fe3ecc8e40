import type { Kubectl } from '@pulse/testing'
import { runGarbageCollector } from '../garbage-collector.ts'
import { createMachineWorld, type MachineWorld } from '../machine/machine-world.suite.ts'
import { createMemoryStore } from '../world.suite.ts'
import type { FaceOptions } from './harness.suite.ts'
import { type KubectlSession, openKubectl } from './kubectl-session.suite.ts'

/** Real kubectl before a machine at work: its controllers, its garbage collector, and who plays the pod runner. */
export interface MachineSession extends KubectlSession {
  readonly world: MachineWorld
}

export async function openMachineKubectl(
  kubectl: Kubectl,
  options: FaceOptions = {},
): Promise<MachineSession> {
  const world = await createMachineWorld(createMemoryStore)
  const halt = new AbortController()
  const { kinds, log } = world
  const collector = await runGarbageCollector({
    ...{ objects: world.objects, kinds, log, signal: halt.signal },
  })
  const session = await openKubectl(kubectl, { ...options, objects: world.store })
  return {
    ...session,
    world,
    async close() {
      await session.close()
      halt.abort()
      await collector.stop()
      await world.close()
    },
  }
}
