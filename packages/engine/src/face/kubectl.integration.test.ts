import type { KubeObject } from '@pulse/api'
import { findKubectl, makeCertificates } from '@pulse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
import { createShell, type Shell } from './kubectl.suite.ts'

/** Real kubectl is the judge: what it asks, prints and exits with is what an operator gets. */
describe('kubectl', () => {
  let face: RunningFace
  let shell: Shell
  let other: Shell
  let stranger: Shell

  beforeAll(async () => {
    const [{ path: kubectl, note }, certificates] = await Promise.all([
      findKubectl(),
      makeCertificates(),
    ])
    if (note) console.warn(note)
    face = await startFace({ tls: certificates, openLog: async (asked) => answerLog(asked) })
    const { ca } = certificates
    const reach = { kubectl, server: face.url, ca, token: testToken }
    shell = await createShell(reach)
    other = await createShell(reach)
    stranger = await createShell({ ...reach, token: 'guessed' })
  })
  afterAll(async () => {
    await Promise.all([shell, other, stranger].map((one) => one?.close()))
    await face?.close()
    expect(face.errors).toEqual([])
  })

  const ok = async (args: string, input?: string | object) => {
    const { code, stdout, stderr } = await shell.run(args.split(' '), input)
    expect({ code, stderr }, args).toEqual({ code: 0, stderr: '' })
    return stdout
  }
  const refused = async (args: string, input?: string | object) => {
    const { code, stderr } = await shell.run(args.split(' '), input)
    expect(code, args).toBe(1)
    return stderr
  }

  test('discovers every kind with its short names, and the version', async () => {
    const kinds = await ok('api-resources')
    expect(kinds).toMatch(
      /planaclients +client,clients +planapulse.com\/v1alpha1 +false +PLANAClient/,
    )
    expect(kinds).toMatch(/deployments +deploy +apps\/v1 +true +Deployment/)
    expect(await ok('version')).toContain('Server Version: v1.35.0+pulse-0.0.0')
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
    expect(head?.split(/ +/)).toEqual(['NAME', 'TIER', 'VERSION', 'SYNCED', 'READY', 'URL', 'AGE'])
    expect(row).toMatch(/^columns +starter +18 +\d+s$/)
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

  test('apply creates, leaves alone, changes and removes', async () => {
    const manifest = deployment('applied', [
      { name: 'odoo', image: 'base-18', env: [env('ONE'), env('TWO')] },
      { name: 'side', image: 'base-18' },
    ])
    expect(await ok('apply -f -', manifest)).toBe('deployment.apps/applied created\n')
    expect(await ok('apply -f -', manifest)).toBe('deployment.apps/applied unchanged\n')
    const fewer = deployment('applied', [{ name: 'odoo', image: 'base-18', env: [env('TWO')] }])
    expect(await ok('apply -f -', fewer)).toBe('deployment.apps/applied configured\n')
    expect(await ok('get deploy applied -o jsonpath={..containers[*].name}{..env[*].name}')).toBe(
      'odooTWO',
    )

    expect(await ok('apply -f -', client('applied'))).toContain('created')
    expect(await ok('apply -f -', client('applied'))).toContain('unchanged')
    expect(await ok('apply -f -', client('applied', { ownerName: 'Eva' }))).toContain('configured')
    expect(await ok('get client applied -o jsonpath={.spec.ownerName}')).toBe('Eva')
    expect(await ok('apply --dry-run=server -f -', client('never'))).toContain('(server dry run)')
    expect(await refused('get client never')).toContain('NotFound')
  })

  test('apply --server-side keeps owners apart and names the field of a conflict', async () => {
    const apply = 'apply --server-side -f - --field-manager='
    expect(await ok(`${apply}one`, configMap('shared', { a: '1' }))).toContain('serverside-applied')
    expect(await ok(`${apply}two`, configMap('shared', { b: '1' }))).toContain('serverside-applied')
    const conflict = await refused(`${apply}two`, configMap('shared', { a: '2', b: '1' }))
    expect(conflict).toMatch(/conflict with "one".*: \.data\.a/)
    await ok(`${apply}two --force-conflicts`, configMap('shared', { a: '2' }))
    expect(await ok('get cm shared -o jsonpath={.data}')).toBe('{"a":"2"}')
  })

  test('apply --server-side after apply takes over without letting go of a finalizer', async () => {
    await ok('apply -f -', client('takeover'))
    await ok('apply --server-side -f -', client('takeover'))
    expect(await ok('get client takeover -o jsonpath={.metadata.finalizers}')).toBe(
      '["planapulse.com/teardown"]',
    )
  })

  test('a broken manifest is refused with every mistake, and nothing is written', async () => {
    const unknown = await refused(
      'apply -f -',
      client('bad', { tire: 'pro', sleep: { idle: '1m' } }),
    )
    expect(unknown).toContain('unknown field "spec.tire" (did you mean "spec.tier"?)')
    expect(unknown).toContain('strict decoding error: unknown field "spec.sleep.idle"')
    const invalid = await refused('apply -f -', client('bad', { subdomain: 'other', tier: 'gold' }))
    expect(invalid).toContain('The PLANAClient "bad" is invalid')
    expect(invalid).toContain('* metadata.name')
    expect(invalid).toContain('* spec.tier')
    const warned = await shell.run(
      ['apply', '--validate=warn', '-f', '-'],
      client('warned', { tire: 'x' }),
    )
    expect(warned.stderr).toBe('Warning: unknown field "spec.tire" (did you mean "spec.tier"?)\n')
    expect(await refused('get client bad')).toContain('NotFound')
    expect(
      await refused('apply -f -', { ...configMap('a'), metadata: { name: 'a', namespace: 'no' } }),
    ).toContain('namespaces "no" not found')
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

  test('delete waits for the last finalizer', async () => {
    await face.objects.create(client('held'), manager)
    const deletion = shell.start(['delete', 'client', 'held'])
    await deletion.sees('planaclient.planapulse.com "held" deleted')
    expect(await ok('get client held -o jsonpath={.metadata.deletionTimestamp}')).not.toBe('')
    expect(deletion.child.exitCode).toBeNull()
    await ok('patch client held --type=json -p [{"op":"remove","path":"/metadata/finalizers"}]')
    expect((await deletion.ended).code).toBe(0)
    expect(await ok('get client held --ignore-not-found')).toBe('')
    await face.objects.create(configMap('gone'), manager)
    expect(await ok('delete cm gone')).toContain('"gone" deleted')
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

  test('of two who replace the same version one is told to look again', async () => {
    await face.objects.create(configMap('raced'), manager)
    const seen = JSON.parse(await ok('get cm raced -o json'))
    await ok('replace -f -', { ...seen, data: { first: '1' } })
    const { code, stderr } = await other.run(['replace', '-f', '-'], {
      ...seen,
      data: { late: '1' },
    })
    expect(code).toBe(1)
    expect(stderr).toContain('(Conflict)')
    expect(stderr).toContain('the object has been modified')
  })

  test('scale, label, annotate and patch write what they say', async () => {
    await face.objects.create(deployment('scaled', [{ name: 'odoo', image: 'base-18' }]), manager)
    expect(await ok('scale deploy scaled --replicas=3')).toContain('scaled')
    await ok('label deploy scaled team=one')
    await ok('annotate deploy scaled why=because')
    await ok(
      'patch deploy scaled -p {"spec":{"template":{"spec":{"containers":[{"name":"odoo","image":"base-19"}]}}}}',
    )
    const path = '{.spec.replicas}{.metadata.labels.team}{.metadata.annotations.why}{..image}'
    expect(await ok(`get deploy scaled -o jsonpath=${path}`)).toBe('3onebecausebase-19')
  })

  test('create with a protobuf body is refused for good, as only JSON and YAML are spoken', async () => {
    expect(await refused('create configmap proto')).toContain('in an unknown format')
    expect(await ok('create -f -', configMap('spoken'))).toBe('configmap/spoken created\n')
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

function env(name: string) {
  return { name, value: '1' }
}

function condition(status: 'True' | 'False') {
  const lastTransitionTime = '2026-01-01T00:00:00Z'
  return { type: 'Ready', status, reason: 'Available', message: '', lastTransitionTime }
}

function deployment(name: string, containers: readonly object[]): KubeObject {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  }
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
