import { randomUUID } from 'node:crypto'
import { createKinds } from '@pulse/api'
import { expect, test } from 'vitest'
import { createEventRecorder } from '../events.ts'
import { createManualClock } from '../manual-clock.ts'
import { silent } from '../silent-log.suite.ts'
import { createMemoryObjects } from '../store/memory.ts'
import { announceNode } from './node.ts'

test('a machine is announced by the rules of its own kind, also when it starts again', async () => {
  const { findKind } = await createKinds()
  const clock = createManualClock()
  const objects = createMemoryObjects({
    kinds: findKind,
    now: clock.now,
    newUid: () => randomUUID(),
  })
  const events = createEventRecorder({ objects, log: silent, clock, component: 'test' })
  const announce = () =>
    announceNode({
      objects,
      clock,
      events,
      log: silent,
      name: 'pulse',
      isolation: {
        ownUsers: false,
        ownMounts: false,
        ownSharedMemory: false,
        cgroups: { controllers: [], prepare: () => [] },
      },
      firewallProblem: undefined,
      pulseVersion: '1.0.0',
    })
  await announce()
  await announce()
  const node = await objects.get({ apiVersion: 'v1', kind: 'Node', name: 'pulse' })
  expect(node?.status).toMatchObject({ nodeInfo: { kubeletVersion: '1.0.0' } })
})
