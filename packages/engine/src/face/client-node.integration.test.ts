import { Writable } from 'node:stream'
import {
  ApiException,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  Log,
  makeInformer,
  PatchStrategy,
  VersionApi,
  Watch,
} from '@kubernetes/client-node'
import type { KubeObject } from '@pulse/api'
import { makeCertificates } from '@pulse/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  client,
  configMap,
  createWithStatus,
  logLines,
  manager,
  pod,
  type RunningFace,
  startFace,
  testToken,
} from './harness.suite.ts'
import { kubeconfig } from './kubectl.suite.ts'

let face: RunningFace
let config: KubeConfig

beforeEach(async () => {
  const certificates = await makeCertificates()
  face = await startFace({
    tls: certificates,
    openLog: async ({ tailLines = 3 }) => logLines(['one', 'two', 'three'].slice(-tailLines)),
  })
  config = new KubeConfig()
  const reach = { server: face.url, ca: certificates.ca, token: testToken }
  config.loadFromString(JSON.stringify(kubeconfig(reach)))
})

afterEach(async () => {
  await face.close()
  expect(face.errors).toEqual([])
})

const configMaps = '/api/v1/namespaces/default/configmaps'

test('it reads, writes and deletes what Kubernetes has', async () => {
  const core = config.makeApiClient(CoreV1Api)
  const namespace = 'default'
  const body = { metadata: { name: 'a', labels: { l: 'v' } }, data: { a: '1' } }
  const typed = { apiVersion: 'v1', kind: 'ConfigMap', ...body }
  const created = await core.createNamespacedConfigMap({ namespace, body: typed })
  expect(created.metadata?.creationTimestamp).toBeInstanceOf(Date)

  const { items, metadata } = await core.listNamespacedConfigMap({
    namespace,
    labelSelector: 'l=v',
    limit: 1,
  })
  expect(items.map(({ data }) => data)).toEqual([{ a: '1' }])
  expect(metadata?.resourceVersion).toBe(created.metadata?.resourceVersion)

  const replaced = await core.replaceNamespacedConfigMap({
    name: 'a',
    namespace,
    body: { ...created, data: { a: '2' } },
  })
  expect(replaced.data).toEqual({ a: '2' })
  await expect(
    core.replaceNamespacedConfigMap({ name: 'a', namespace, body: created }),
  ).rejects.toMatchObject({ code: 409 })

  const gone = await core.deleteNamespacedConfigMap({
    name: 'a',
    namespace,
    body: { propagationPolicy: 'Background' },
  })
  expect(gone).toMatchObject({ status: 'Success', details: { name: 'a' } })
  const missing = core.readNamespacedConfigMap({ name: 'a', namespace })
  await expect(missing).rejects.toBeInstanceOf(ApiException)
  expect(await config.makeApiClient(VersionApi).getCode()).toMatchObject({ major: '1' })
})

test('it finds our kinds by discovery, and patches and applies them', async () => {
  const api = KubernetesObjectApi.makeApiClient(config)
  await api.create(tenant('acme'))
  const header = {
    apiVersion: 'planapulse.com/v1alpha1',
    kind: 'PLANAClient',
    metadata: { name: 'acme' },
  }
  expect(await api.read(header)).toMatchObject({ spec: { tier: 'pro', hosting: 'instance' } })

  const patched = await api.patch(
    { ...header, spec: { ownerName: 'Bo' } },
    undefined,
    undefined,
    undefined,
    undefined,
    PatchStrategy.MergePatch,
  )
  expect(patched).toMatchObject({ spec: { ownerName: 'Bo' } })

  const apply = (spec: object, fieldManager: string, force?: boolean) =>
    api.patch(
      { ...header, spec },
      undefined,
      undefined,
      fieldManager,
      force,
      PatchStrategy.ServerSideApply,
    )
  expect(await apply({ ownerName: 'Cy' }, 'one', true)).toMatchObject({ spec: { ownerName: 'Cy' } })
  await expect(apply({ ownerName: 'Di' }, 'two')).rejects.toMatchObject({ code: 409 })

  const { items } = await api.list(header.apiVersion, header.kind)
  expect(items.map(({ metadata }) => metadata?.name)).toEqual(['acme'])
  await expect(api.create(tenant('gilt', { tier: 'gold' }))).rejects.toMatchObject({ code: 422 })
  await api.delete(header)
  expect(await api.read(header)).toHaveProperty('metadata.deletionTimestamp')
})

test('it watches from a version on', async () => {
  await face.objects.create(configMap('a'), manager)
  const { metadata } = await config
    .makeApiClient(CoreV1Api)
    .listNamespacedConfigMap({ namespace: 'default' })
  await face.objects.create(configMap('b'), manager)
  await face.objects.delete({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace: 'default',
    name: 'a',
  })
  const events: string[] = []
  const ended = Promise.withResolvers<unknown>()
  await new Watch(config).watch(
    configMaps,
    { resourceVersion: metadata?.resourceVersion, timeoutSeconds: 1 },
    (type, { metadata: { name } }) => events.push(`${type} ${name}`),
    (error) => ended.resolve(error),
  )
  expect(await ended.promise).toBeNull()
  expect(events).toEqual(['ADDED b', 'DELETED a'])
})

test('its informer follows, and goes on after the server has ended its watch', async () => {
  const core = config.makeApiClient(CoreV1Api)
  const list = () => core.listNamespacedConfigMap({ namespace: 'default' })
  const informer = makeInformer(config, `${configMaps}?timeoutSeconds=1`, list)
  const seen = new Map<string, PromiseWithResolvers<void>>()
  const sees = (what: string) => {
    const known = seen.get(what) ?? Promise.withResolvers<void>()
    seen.set(what, known)
    return known
  }
  let connections = 0
  const failures: unknown[] = []
  informer.on('add', ({ metadata }) => sees(`add ${metadata?.name}`).resolve())
  informer.on('update', ({ metadata, data }) =>
    sees(`update ${metadata?.name} ${data?.a}`).resolve(),
  )
  informer.on('delete', ({ metadata }) => sees(`delete ${metadata?.name}`).resolve())
  informer.on('error', (error) => failures.push(error))
  informer.on('connect', () => {
    connections += 1
    sees(`connection ${connections}`).resolve()
  })

  await face.objects.create(configMap('before'), manager)
  await informer.start()
  await sees('add before').promise
  await face.objects.create(configMap('a', { a: '1' }), manager)
  await sees('add a').promise
  await face.objects.update(configMap('a', { a: '2' }), manager)
  await sees('update a 2').promise

  await sees('connection 3').promise
  await face.objects.create(configMap('late'), manager)
  await sees('add late').promise
  await face.objects.delete(refOf(configMap('a')))
  await sees('delete a').promise
  expect(
    informer
      .list()
      .map(({ metadata }) => metadata?.name)
      .toSorted(),
  ).toEqual(['before', 'late'])
  expect(failures).toEqual([])
  await informer.stop()
})

test('it reads the log of a container', async () => {
  await createWithStatus(face.objects, pod('web'))
  let text = ''
  const sink = new Writable({
    write(chunk, _, done) {
      text += chunk
      done()
    },
  })
  const finished = new Promise((resolve) => sink.on('finish', resolve))
  await new Log(config).log('default', 'web', 'odoo', sink, { tailLines: 2 })
  await finished
  expect(text).toBe('two\nthree\n')
})

test('who has another token is told so', async () => {
  config.users = [{ name: 'test', token: 'guessed' }]
  const list = config.makeApiClient(CoreV1Api).listNamespace()
  await expect(list).rejects.toMatchObject({ code: 401 })
})

/** Its metadata in the client's own types. */
function tenant(name: string, spec: Record<string, unknown> = {}) {
  return { ...client(name, spec), metadata: { name } }
}

function refOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject) {
  return { apiVersion, kind, name, ...(namespace !== undefined && { namespace }) }
}
