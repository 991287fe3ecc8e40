import type { KubeObject } from '@pulse/api'
import { findKubectls } from '@pulse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  client,
  configMap,
  createWithStatus,
  logLines,
  manager,
  pod,
  type RunningFace,
} from './harness.suite.ts'
import type { Shell } from './kubectl.suite.ts'
import { type KubectlSession, openKubectl } from './kubectl-session.suite.ts'

/** Real kubectl is the judge: what it asks, prints and exits with is what an operator gets. */
describe.each(await findKubectls())('$name reads', (kubectl) => {
  let session: KubectlSession
  let face: RunningFace
  let shell: Shell
  let other: Shell
  let stranger: Shell
  beforeAll(async () => {
    session = await openKubectl(kubectl, { openLog: async (asked) => answerLog(asked) })
    ;({ face, shell, other, stranger } = session)
  })
  afterAll(() => session.close())

  const ok: KubectlSession['ok'] = (...given) => session.ok(...given)
  const refused: KubectlSession['refused'] = (...given) => session.refused(...given)

  test('discovers every kind with its short names, and the version', async () => {
    const kinds = await ok('api-resources')
    expect(kinds).toMatch(
      /planaclients +pc,client,clients +planapulse.com\/v1alpha1 +false +PLANAClient/,
    )
    expect(kinds).toMatch(/deployments +deploy +apps\/v1 +true +Deployment/)
    const version = await shell.run(['version'])
    expect(version.stdout).toContain('Server Version: v1.35.0+pulse-0.0.0')
    if (version.stdout.includes('Client Version: v1.35')) expect(version.stderr).toBe('')
    expect(await ok('api-resources --categories=pulse -o name')).toContain('tenantenvironments')
  })

  test('a wrong token opens nothing', async () => {
    const { code, stderr } = await stranger.run(['get', 'planaclients'])
    expect(code).toBe(1)
    expect(stderr).toContain('You must be logged in to the server')
  })

  test('get shows our columns, more of them wide, and every other form', async () => {
    await face.objects.create(client('columns', { tier: 'starter' }), manager)
    const [head, row] = (await ok('get clients columns')).split('\n')
    expect(head?.split(/ +/)).toEqual([
      'NAME',
      'TIER',
      'VERSION',
      'STATUS',
      'SYNCED',
      'READY',
      'URL',
      'AGE',
    ])
    expect(row).toMatch(/^columns +starter +18 +active +\d+s$/)
    expect(await ok('get clients columns -o wide')).toContain('owner@columns.example')
    expect(await ok('get clients columns -o name')).toBe('planaclient.planapulse.com/columns\n')
    expect(await ok('get clients columns -o jsonpath={.spec.tier}')).toBe('starter')
    expect(await ok('get clients columns -o yaml')).toContain('subdomain: columns')
    expect(JSON.parse(await ok('get clients columns -o json'))).toMatchObject(
      client('columns', { tier: 'starter' }),
    )
  })

  test('get selects by label, by field and over all namespaces, page by page', async () => {
    for (const name of ['sel-a', 'sel-b', 'sel-c']) {
      const object = configMap(name)
      const labels = { pick: name === 'sel-b' ? 'no' : 'yes' }
      await face.objects.create({ ...object, metadata: { ...object.metadata, labels } }, manager)
    }
    expect(await ok('get cm -A -l pick=yes -o name --chunk-size=1')).toBe(
      'configmap/sel-a\nconfigmap/sel-c\n',
    )
    expect(await ok('get cm -A -l pick')).toMatch(/^NAMESPACE +NAME +DATA +AGE\ndefault +sel-a/)
    expect(await ok('get cm --field-selector=metadata.name=sel-b -o name')).toBe(
      'configmap/sel-b\n',
    )
    expect(await refused('get cm --field-selector=data.x=1')).toContain('data.x')
    expect(await refused('get cm missing')).toBe(
      'Error from server (NotFound): configmaps "missing" not found\n',
    )
  })

  test('get -w shows what comes after what is there', async () => {
    await face.objects.create(configMap('watched'), manager)
    const watch = shell.start([
      'get',
      'cm',
      '-w',
      '-o',
      'name',
      '--field-selector=metadata.name=watched',
    ])
    const table = other.start(['get', 'cm', '-w', '--field-selector=metadata.name=watched'])
    await Promise.all([watch.sees('configmap/watched\n'), table.sees('watched   0')])
    await face.objects.update(configMap('watched', { a: '1', b: '2' }), manager)
    await Promise.all([watch.sees('watched\nconfigmap/watched\n'), table.sees('watched   2')])
    watch.stop()
    table.stop()
    const { stdout } = await table.ended
    expect(stdout.match(/NAME/g)).toHaveLength(1)
    await watch.ended
  })

  test('describe shows the object and the events about it', async () => {
    await face.objects.create(client('told'), manager)
    const [item] = (
      await face.objects.list({ ...identity(client('told')), fieldSelector: 'metadata.name=told' })
    ).items
    await face.objects.create(eventAbout(item), manager)
    const text = await ok('describe client told')
    expect(text).toMatch(/Owner Email: +owner@told.example/)
    expect(text).toMatch(/Warning +NoRuntime +.*there is no runtime for 18/)
    await createWithStatus(face.objects, pod('described'))
    expect(await ok('describe pod described')).toMatch(/Image: +base-18/)
  })

  test('wait ends with the condition, the field or the deletion', async () => {
    const object = client('awaited')
    await face.objects.create(object, manager)
    const ready = shell.start(['wait', 'client/awaited', '--for=condition=Ready'])
    const url = shell.start(['wait', 'client/awaited', '--for=jsonpath={.status.url}=http://a'])
    const gone = shell.start(['wait', 'client/awaited', '--for=delete'])
    await setStatus(object, { conditions: [condition('False')] })
    expect(ready.child.exitCode).toBeNull()
    await setStatus(object, { url: 'http://a', conditions: [condition('True')] })
    expect(await ready.ended).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('condition met'),
    })
    expect(await url.ended).toMatchObject({ code: 0 })
    await ok('delete client awaited --wait=false')
    await ok('patch client awaited --type=merge -p {"metadata":{"finalizers":null}}')
    expect(await gone.ended).toMatchObject({ code: 0 })
    expect((await shell.run(['wait', 'cm/none', '--for=delete', '--timeout=1s'])).code).toBe(0)
  })

  test('logs come whole, from their end, of the run before, and as they grow', async () => {
    await createWithStatus(face.objects, pod('talking'))
    expect(await ok('logs talking -c odoo')).toBe('odoo all\n')
    expect(await ok('logs talking -c odoo --tail=2')).toBe('odoo tail 2\n')
    expect(await ok('logs talking -c odoo -p')).toBe('odoo previous\n')
    const following = shell.start(['logs', '-f', 'talking', '-c', 'side'])
    await following.sees('side begins\n')
    followed.resolve()
    expect(await following.ended).toMatchObject({ code: 0, stdout: 'side begins\nside goes on\n' })
    expect(await refused('logs talking -c late')).toContain('waiting to start: ErrImagePull')
    expect(await refused('logs talking -c nope')).toContain('container nope is not valid')
    expect(await refused('logs talking -c side -p')).toContain('previous terminated container')
  })

  test('explain reads our schemas', async () => {
    const text = await ok('explain planaclient.spec.tier')
    expect(text).toContain('FIELD: tier <string>')
    expect(text).toMatch(/ENUM:\s+starter\s+pro\s+enterprise/)
    expect(await ok('explain deployment')).toContain('KIND:       Deployment')
  })

  const followed = Promise.withResolvers<void>()
  async function* answerLog(asked: {
    readonly container: string
    readonly previous: boolean
    readonly follow: boolean
    readonly tailLines?: number
  }) {
    const { container, previous, follow, tailLines } = asked
    if (!follow) {
      const what = previous ? 'previous' : tailLines === undefined ? 'all' : `tail ${tailLines}`
      yield* logLines([`${container} ${what}`])
      return
    }
    yield* logLines([`${container} begins`])
    await followed.promise
    yield* logLines([`${container} goes on`])
  }

  async function setStatus(object: KubeObject, status: object) {
    await face.objects.update({ ...object, status }, { ...manager, subresource: 'status' })
  }
})

function identity({ apiVersion, kind }: KubeObject) {
  return { apiVersion, kind }
}

function condition(status: 'True' | 'False') {
  const lastTransitionTime = '2026-01-01T00:00:00Z'
  return { type: 'Ready', status, reason: 'Available', message: '', lastTransitionTime }
}

function eventAbout(object: KubeObject | undefined): KubeObject {
  if (!object) throw new Error('there is no object to tell of')
  const { apiVersion, kind, metadata } = object
  const time = '2026-01-01T00:00:00Z'
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${metadata.name}.1`, namespace: 'default' },
    involvedObject: { apiVersion, kind, name: metadata.name, uid: metadata.uid },
    type: 'Warning',
    reason: 'NoRuntime',
    message: 'there is no runtime for 18',
    count: 1,
    firstTimestamp: time,
    lastTimestamp: time,
    source: { component: 'pulse' },
  }
}
