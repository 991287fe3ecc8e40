import type { KubeObject } from '@pulse/api'
import { afterEach, expect, test } from 'vitest'
import { createAsk } from './ask.suite.ts'
import { client, configMap, manager, type RunningFace, startFace } from './harness.suite.ts'

let face: RunningFace
afterEach(() => face.close())

const { ask, post, open } = createAsk(() => face.url)

const clients = '/apis/planapulse.com/v1alpha1/planaclients'
const configMaps = '/api/v1/namespaces/default/configmaps'

/** What a real API server was seen to do, held where there is none to compare with. */
test('a version that is not there yet is told by its cause, which clients look for', async () => {
  face = await startFace()
  await face.objects.create(configMap('a'), manager)
  for (const path of [configMaps, `${configMaps}/a`]) {
    const { code, headers, json } = await ask(`${path}?resourceVersion=999999`)
    expect(code).toBe(504)
    expect(headers.get('retry-after')).toBe('1')
    expect(json.details.causes).toEqual([
      { reason: 'ResourceVersionTooLarge', message: 'Too large resource version' },
    ])
  }
})

test('the core group is told by leaving it out', async () => {
  face = await startFace()
  const { json } = await ask(`${configMaps}/none`)
  expect(json.details).toEqual({ name: 'none', kind: 'configmaps' })
})

test('a controller learns that the namespace is going', async () => {
  face = await startFace()
  await post('/api/v1/namespaces', namespace('going'))
  await ask('/api/v1/namespaces/going', { method: 'DELETE' })
  const { json } = await post('/api/v1/namespaces/going/configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'late' },
  })
  expect(json).toMatchObject({
    code: 403,
    details: { kind: 'configmaps', causes: [{ reason: 'NamespaceTerminating' }] },
  })
})

test('no single request deletes all namespaces', async () => {
  face = await startFace()
  expect((await ask('/api/v1/namespaces', { method: 'DELETE' })).code).toBe(405)
  expect((await ask('/api/v1/namespaces/default')).code).toBe(200)
  const { json } = await ask('/api/v1')
  const found = json.resources.find(({ name }: { name: string }) => name === 'namespaces')
  expect(found.verbs).not.toContain('deletecollection')
})

test('our kinds are replaced only by who has read them', async () => {
  face = await startFace()
  const { json } = await post(clients, client('acme'))
  const put = (send: unknown, name = 'acme') => ask(`${clients}/${name}`, { method: 'PUT', send })
  expect((await put(client('acme'))).json).toMatchObject({
    code: 422,
    details: { causes: [{ field: 'metadata.resourceVersion' }] },
  })
  expect((await put(client('none'), 'none')).code).toBe(404)
  expect((await put(json)).code).toBe(200)
})

test('a misspelt field of metadata is refused under Strict, and warned of without', async () => {
  face = await startFace()
  const { metadata, ...rest } = configMap('a')
  const misspelt = { ...rest, metadata: { ...metadata, label: { a: 'b' } } }
  const strict = await post(`${configMaps}?fieldValidation=Strict`, misspelt)
  expect(strict.json).toMatchObject({
    code: 400,
    message: expect.stringContaining('metadata.label'),
  })
  const warned = await post(configMaps, misspelt)
  expect(warned.code).toBe(201)
  expect(warned.headers.get('warning')).toContain('metadata.label')
})

test("a file may say a namespace of what is the cluster's", async () => {
  face = await startFace()
  const { metadata, ...rest } = client('acme')
  const { code, json } = await post(clients, { ...rest, metadata: { ...metadata, namespace: 'x' } })
  expect(code).toBe(201)
  expect(json.metadata).not.toHaveProperty('namespace')
})

test('what was only tried has no version', async () => {
  face = await startFace()
  const { json } = await post(`${configMaps}?dryRun=All`, configMap('a'))
  expect(json.metadata).not.toHaveProperty('resourceVersion')
})

test('a Scale says which pods it counts, and no kind has fewer than none', async () => {
  face = await startFace()
  const deployments = '/apis/apps/v1/namespaces/default/deployments'
  expect((await post(deployments, deployment(-1))).json).toMatchObject({
    code: 422,
    details: { causes: [{ field: 'spec.replicas' }] },
  })
  await post(deployments, deployment(1))
  expect((await ask(`${deployments}/web/scale`)).json.status.selector).toBe('app=web')
})

test('options of a list that contradict each other are a 422 that names them', async () => {
  face = await startFace()
  for (const [query, field] of [
    ['resourceVersionMatch=Exact', 'resourceVersionMatch'],
    ['resourceVersionMatch=Exact&resourceVersion=0', 'resourceVersionMatch'],
    ['resourceVersionMatch=Other&resourceVersion=1', 'resourceVersionMatch'],
    ['sendInitialEvents=true', 'sendInitialEvents'],
    ['watch=true&resourceVersionMatch=NotOlderThan&resourceVersion=0', 'resourceVersionMatch'],
  ]) {
    const { json } = await ask(`${configMaps}?${query}`)
    expect(json, query).toMatchObject({ code: 422, details: { causes: [{ field }] } })
  }
})

test("a watch tells of the beginning only who asks for it, and ends it with nobody's bookmark", async () => {
  face = await startFace()
  await face.objects.create(configMap('a'), manager)
  const streaming = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan'
  const asked = await open(`${configMaps}?${streaming}&allowWatchBookmarks=true`)
  expect(await asked.next()).toMatchObject({ type: 'ADDED' })
  const bookmark = await asked.next()
  expect(bookmark.type).toBe('BOOKMARK')
  expect(bookmark.object.metadata).not.toHaveProperty('name')
  asked.leave()

  const notOlder = 'resourceVersionMatch=NotOlderThan'
  const unasked = await open(`${configMaps}?watch=true&sendInitialEvents=false&${notOlder}`)
  const silent = await open(`${configMaps}?${streaming}`)
  expect(await silent.next()).toMatchObject({ type: 'ADDED' })
  await face.objects.create(configMap('b'), manager)
  const added = { type: 'ADDED', object: { metadata: { name: 'b' } } }
  expect(await unasked.next()).toMatchObject(added)
  expect(await silent.next()).toMatchObject(added)
  unasked.leave()
  silent.leave()
})

test('a watch is a stream of JSON, and not YAML', async () => {
  face = await startFace()
  expect((await ask(`${configMaps}?watch=true`, { accept: 'application/yaml' })).code).toBe(406)
})

function namespace(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
}

function deployment(replicas: number): KubeObject {
  const labels = { app: 'web' }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'main', image: 'base-18' }] },
      },
    },
  }
}
