import { createClientKinds } from '@pulse/api'
import { expect, onTestFinished, test } from 'vitest'
import { client, manager, startFace, testToken } from '../face/harness.suite.ts'
import { createObjectsClient } from './objects-client.ts'

test('what the server warns of is told, and what it was asked for is done', async () => {
  const face = await startFace()
  const told: string[] = []
  const objects = createObjectsClient({
    server: face.url,
    token: testToken,
    kinds: createClientKinds().findKind,
    onWarning: (text) => told.push(text),
  })
  onTestFinished(async () => {
    await objects.close()
    await face.close()
  })
  const acme = await objects.create(client('acme', { hosting: 'pool' }), manager)
  expect(told).toEqual([])
  const annotations = { 'planapulse.com/keep-awake-until': '2999-01-01T00:00:00Z' }
  const ref = { apiVersion: acme.apiVersion, kind: acme.kind, name: 'acme' }
  const kept = await objects.patch(
    ref,
    { type: 'merge', patch: { metadata: { annotations } } },
    manager,
  )
  expect(kept.metadata.annotations).toMatchObject(annotations)
  expect(told).toEqual([
    'annotation "planapulse.com/keep-awake-until" has no effect: a pool serves it together with others, and pools do not sleep',
  ])
})
