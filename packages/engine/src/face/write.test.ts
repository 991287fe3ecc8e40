import { afterEach, describe, expect, test } from 'vitest'
import { type Ask, createAsk } from './ask.suite.ts'
import { client, configMap, manager, type RunningFace, startFace } from './harness.suite.ts'

let face: RunningFace
afterEach(() => face.close())

const { ask, post } = createAsk(() => face.url)

const clients = '/apis/planapulse.com/v1alpha1/planaclients'
const configMaps = '/api/v1/namespaces/default/configmaps'

describe('writes', () => {
  test('create is a 201, apply a 201 and then a 200, and the path is kept to', async () => {
    face = await startFace()
    expect((await post(configMaps, configMap('a'))).code).toBe(201)
    expect((await post(configMaps, configMap('a'))).json).toMatchObject({ reason: 'AlreadyExists' })
    const apply: Ask = { method: 'PATCH', type: 'application/apply-patch+yaml' }
    const path = `${configMaps}/b?fieldManager=test`
    const text = 'apiVersion: v1\nkind: ConfigMap\ndata: {a: "1"}\n'
    expect((await ask(path, { ...apply, send: text })).code).toBe(201)
    expect((await ask(path, { ...apply, send: text })).code).toBe(200)
    const nameless = await ask(`${configMaps}/b`, { ...apply, send: text })
    expect(nameless.json).toMatchObject({
      code: 422,
      message: expect.stringContaining('fieldManager'),
    })
    const elsewhere = { ...configMap('c'), metadata: { name: 'c', namespace: 'other' } }
    expect((await post(configMaps, elsewhere)).json).toMatchObject({ code: 400 })
    const renamed = await ask(`${configMaps}/a`, { method: 'PUT', send: configMap('z') })
    expect(renamed.json.message).toBe(
      'the name of the object (z) does not match the name on the URL (a)',
    )
  })

  test('a dry run answers as the write would and leaves nothing', async () => {
    face = await startFace()
    expect((await post(`${configMaps}?dryRun=All`, configMap('a'))).code).toBe(201)
    expect((await ask(`${configMaps}/a`)).code).toBe(404)
    expect((await post(`${configMaps}?dryRun=Some`, configMap('a'))).code).toBe(400)
  })

  test.each(['Strict', 'Warn', 'Ignore'])(
    'an annotation that is nearly one of ours is stored and told: %s',
    async (mode) => {
      face = await startFace()
      await post(clients, client('acme'))
      const annotations = { 'planapulse.com/keep-awake-untill': '2026-01-05T12:00:00Z' }
      const patched = await ask(`${clients}/acme?fieldValidation=${mode}`, {
        method: 'PATCH',
        type: 'application/merge-patch+json',
        send: { metadata: { annotations } },
      })
      expect(patched.json.metadata.annotations).toMatchObject(annotations)
      const told =
        '299 - "annotation \\"planapulse.com/keep-awake-untill\\" means nothing here (did you mean \\"planapulse.com/keep-awake-until\\"?)"'
      expect(patched.headers.get('warning')).toBe(mode === 'Ignore' ? null : told)
    },
  )

  test.each(['Strict', 'Ignore'])(
    'to be kept awake in vain is stored and told, by what the object is as a whole: %s',
    async (mode) => {
      face = await startFace({ now: () => new Date('2026-01-05T12:00:00Z') })
      await post(clients, client('acme', { hosting: 'pool' }))
      await post(clients, client('beta', { hosting: 'instance' }))
      const warning = async (name: string, time: string) => {
        const patched = await ask(`${clients}/${name}?fieldValidation=${mode}`, {
          method: 'PATCH',
          type: 'application/merge-patch+json',
          send: { metadata: { annotations: { 'planapulse.com/keep-awake-until': time } } },
        })
        expect(patched.code).toBe(200)
        return patched.headers.get('warning')
      }
      const told = (text: string) => (mode === 'Ignore' ? null : expect.stringContaining(text))
      expect(await warning('acme', '2026-01-05T13:00:00Z')).toEqual(told('pools do not sleep'))
      expect(await warning('beta', '2026-01-05T11:00:00Z')).toEqual(told('has passed'))
      expect(await warning('beta', '2026-01-05T13:00:00Z')).toBeNull()
    },
  )

  test('an order for a time to come is refused with the annotation, and nothing is stored', async () => {
    face = await startFace({ now: () => new Date('2026-01-05T12:00:00Z') })
    await post(clients, client('acme'))
    const sleepAt = (time: string) =>
      ask(`${clients}/acme`, {
        method: 'PATCH',
        type: 'application/merge-patch+json',
        send: { metadata: { annotations: { 'planapulse.com/sleep-at': time } } },
      })
    const { json } = await sleepAt('2026-01-05T12:50:00Z')
    expect(json).toMatchObject({ code: 422, reason: 'Invalid' })
    expect(json.details.causes).toMatchObject([
      {
        field: 'metadata.annotations[planapulse.com/sleep-at]',
        message: expect.stringContaining('more than 5 minutes ahead'),
      },
    ])
    expect((await ask(`${clients}/acme`)).json.metadata.annotations).toBeUndefined()
    expect((await sleepAt('2026-01-05T12:04:00Z')).code).toBe(200)
  })

  test('unknown fields are refused, told or dropped, as asked', async () => {
    face = await startFace()
    const wrong = client('acme', { tire: 'x', sleep: { idleTimout: '1m' } })
    const strict = await post(`${clients}?fieldValidation=Strict`, wrong)
    expect(strict.json).toMatchObject({ code: 400, reason: 'BadRequest' })
    expect(strict.json.message).toContain('unknown field "spec.tire" (did you mean "spec.tier"?)')
    expect(strict.json.message).toContain('(did you mean "spec.sleep.idleTimeout"?)')
    expect(strict.json.details.causes).toMatchObject([
      { field: 'spec.tire', message: 'unknown field, did you mean "tier"?' },
      { field: 'spec.sleep.idleTimout', message: 'unknown field, did you mean "idleTimeout"?' },
    ])
    const warned = await post(`${clients}?dryRun=All`, wrong)
    expect(warned.code).toBe(201)
    expect(warned.headers.get('warning')).toContain('299 - "unknown field \\"spec.tire\\"')
    expect(warned.json.spec).not.toHaveProperty('tire')
    const ignored = await post(`${clients}?fieldValidation=Ignore`, wrong)
    expect([ignored.code, ignored.headers.get('warning')]).toEqual([201, null])

    const path = `${clients}/acme?fieldValidation=Strict`
    const merge = { method: 'PATCH', type: 'application/merge-patch+json' }
    expect((await ask(path, { ...merge, send: { spec: { tire: 'x' } } })).code).toBe(400)
    expect((await ask(path, { ...merge, send: { spec: { tire: null } } })).code).toBe(200)
    const operations = [{ op: 'add', path: '/spec/tire', value: 'x' }]
    const json = { method: 'PATCH', type: 'application/json-patch+json', send: operations }
    expect((await ask(path, json)).json.message).toContain('unknown field "spec.tire"')
    const dropped = await ask(`${clients}/acme`, json)
    expect([dropped.code, dropped.json.spec.tire]).toEqual([200, undefined])
    expect(dropped.headers.get('warning')).toContain('unknown field \\"spec.tire\\"')
  })

  describe("of Kubernetes' own kinds", () => {
    const deployments = '/apis/apps/v1/namespaces/default/deployments'
    const misspelt = (name: string) => {
      const web = deployment(name)
      const main = { name: 'odoo', image: 'base-18', comand: ['sh'] }
      const template = { ...web.spec.template, spec: { containers: [main] } }
      return { ...web, spec: { ...web.spec, replica: 1, template }, more: {} }
    }
    const paths = ['spec.template.spec.containers[0].comand', 'spec.replica', 'more']

    test('unknown fields are refused, all of them and with what was meant', async () => {
      face = await startFace()
      const path = `${deployments}?fieldValidation=Strict`
      const { json } = await post(path, misspelt('web'))
      expect(json).toMatchObject({ code: 400, reason: 'BadRequest' })
      expect(json.message).toBe(
        'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.template.spec.containers[0].comand" (did you mean "spec.template.spec.containers[0].command"?), unknown field "spec.replica" (did you mean "spec.replicas"?), unknown field "more"',
      )
      expect(json.details.causes.map(({ field }: { field: string }) => field)).toEqual(paths)
      expect((await ask(`${deployments}/web`)).code).toBe(404)
    })

    test.each(['Warn', 'Ignore'])('unknown fields are dropped: %s', async (mode) => {
      face = await startFace()
      const asked = `fieldValidation=${mode}`
      const created = await post(`${deployments}?${asked}`, misspelt('web'))
      const put = { method: 'PUT', send: { ...misspelt('web'), metadata: created.json.metadata } }
      const apply = { method: 'PATCH', type: 'application/apply-patch+yaml' }
      const answers = [
        created,
        await ask(`${deployments}/web?${asked}`, put),
        await ask(`${deployments}/other?${asked}&fieldManager=test`, {
          ...apply,
          send: JSON.stringify(misspelt('other')),
        }),
      ]
      for (const { code, json, headers } of answers) {
        expect(code).toBeLessThan(300)
        expect(json.spec).toMatchObject({ replicas: 1 })
        expect(JSON.stringify(json)).not.toMatch(/"(replica|comand|more)":/)
        const warning = headers.get('warning') ?? ''
        for (const path of paths) expect(warning.includes(path)).toBe(mode === 'Warn')
      }
    })

    test('unknown fields of a patch are dropped, its directives and its other parts are not', async () => {
      face = await startFace()
      await post(deployments, deployment('web'))
      const side = { name: 'side', image: 'a', imge: 'b' }
      const containers = [side, { name: 'odoo', $patch: 'delete' }]
      const order = { '$setElementOrder/containers': [{ name: 'side' }] }
      const patched = await ask(`${deployments}/web`, {
        method: 'PATCH',
        type: 'application/strategic-merge-patch+json',
        send: { spec: { template: { spec: { ...order, containers, container: [] } } } },
      })
      expect(patched.json.spec.template.spec.containers).toMatchObject([{ name: 'side' }])
      expect(JSON.stringify(patched.json)).not.toMatch(/"(imge|container)":/)
      const warning = patched.headers.get('warning')
      expect(warning).toContain('spec.template.spec.container\\"')
      expect(warning).toContain('spec.template.spec.containers[0].imge')

      const operations = [
        { op: 'add', path: '/spec/replica', value: 3 },
        { op: 'copy', from: '/spec/replicas', path: '/spec/replica' },
        {
          op: 'add',
          path: '/spec/template/spec/containers/-',
          value: { name: 'b', image: 'b', c: 1 },
        },
        { op: 'add', path: '/metadata/labels', value: { 5: 'a', b: 'c' } },
        { op: 'replace', path: '/metadata/labels/5', value: 'b' },
      ]
      const json = { method: 'PATCH', type: 'application/json-patch+json', send: operations }
      const { headers, json: changed } = await ask(`${deployments}/web`, json)
      expect(changed.metadata.labels).toEqual({ 5: 'b', b: 'c' })
      expect(changed.spec.template.spec.containers).toMatchObject([{ name: 'side' }, { name: 'b' }])
      expect(JSON.stringify(changed.spec)).not.toMatch(/"(replica|c)":/)
      expect(headers.get('warning')).toContain('spec.replica\\"')
      const strict = await ask(`${deployments}/web?fieldValidation=Strict`, json)
      expect(strict.json.details.causes).toMatchObject([
        { field: 'spec.replica' },
        { field: 'spec.replica' },
        { field: 'spec.template.spec.containers[0].c' },
      ])
    })

    test('below an unknown field a JSON patch fails, unless it has put it there itself', async () => {
      face = await startFace()
      await post(deployments, deployment('web'))
      const below = { op: 'add', path: '/spec/unheard/deep', value: 1 }
      const json = { method: 'PATCH', type: 'application/json-patch+json' }
      expect((await ask(`${deployments}/web`, { ...json, send: [below] })).code).toBe(422)
      const send = [{ op: 'add', path: '/spec/unheard', value: {} }, below]
      const { code, headers } = await ask(`${deployments}/web`, { ...json, send })
      expect([code, headers.get('warning')]).toEqual([
        200,
        '299 - "unknown field \\"spec.unheard\\""',
      ])
    })

    test('what is of another type cannot be read, and every such field is told', async () => {
      face = await startFace()
      const web = deployment('web')
      const wrong = {
        ...web,
        metadata: { ...web.metadata, labels: { a: 5 } },
        spec: { ...web.spec, replicas: 'two' },
      }
      const { json } = await post(`${deployments}?fieldValidation=Ignore`, wrong)
      expect(json).toMatchObject({ code: 400, reason: 'BadRequest' })
      expect(json.message).toBe(
        'Deployment in version "v1" cannot be handled as a Deployment: metadata.labels.a must be a string: write "5", in quotes, spec.replicas must be an integer',
      )
      expect(json.details.causes).toMatchObject([
        { field: 'metadata.labels.a', message: 'must be a string: write "5", in quotes' },
        { field: 'spec.replicas', message: 'must be an integer' },
      ])
    })

    test('what is of another kind is told as that, not as full of unknown fields', async () => {
      face = await startFace()
      const { json } = await post(`${configMaps}?fieldValidation=Strict`, deployment('web'))
      expect(json.message).toContain('does not match the expected API version (v1)')
    })
  })

  test('thousands of unknown fields do not burst the answer', async () => {
    face = await startFace()
    const fields = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`f${index}`, 1]))
    const { code, headers } = await post(`${clients}?dryRun=All`, client('acme', fields))
    expect(code).toBe(201)
    expect(headers.get('warning')).toContain('4980 more unknown fields')
  })

  test('every mistake is a cause with its field', async () => {
    face = await startFace()
    const { json } = await post(clients, client('acme', { tier: 'gold', projectId: -1 }))
    expect(json).toMatchObject({ code: 422, reason: 'Invalid', details: { kind: 'PLANAClient' } })
    expect(json.details.causes.map(({ field }: { field: string }) => field).toSorted()).toEqual([
      'spec.projectId',
      'spec.tier',
    ])
  })

  test('the status and the scale are written apart from the rest', async () => {
    face = await startFace()
    await face.objects.create(client('acme'), manager)
    const merge = { method: 'PATCH', type: 'application/merge-patch+json' }
    const send = { status: { url: 'http://acme' }, spec: { tier: 'starter' } }
    const { json } = await ask(`${clients}/acme/status`, { ...merge, send })
    expect([json.status.url, json.spec.tier]).toEqual(['http://acme', 'pro'])
    const path = '/apis/apps/v1/namespaces/default/deployments'
    await post(path, deployment('web'))
    const scale = await ask(`${path}/web/scale`)
    expect(scale.json).toMatchObject({ kind: 'Scale', spec: { replicas: 1 } })
    const more = { ...scale.json, spec: { replicas: 4 } }
    expect((await ask(`${path}/web/scale`, { method: 'PUT', send: more })).code).toBe(200)
    expect((await ask(`${path}/web`)).json.spec.replicas).toBe(4)
    expect((await ask(`${path}/web/scale`, { method: 'PUT', send: more })).code).toBe(409)
  })

  test('a Scale that is put without replicas means none, as clients leave out a zero', async () => {
    face = await startFace()
    const path = '/apis/apps/v1/namespaces/default/deployments'
    await post(path, deployment('web'))
    const { json } = await ask(`${path}/web/scale`)
    expect(json.status).toEqual({ replicas: 0, selector: 'app=web,tier in (a,b),!old' })
    const none = { ...json, spec: {} }
    expect((await ask(`${path}/web/scale`, { method: 'PUT', send: none })).code).toBe(200)
    expect((await ask(`${path}/web`)).json.spec.replicas).toBe(0)
  })

  test('a field that is null is absent, however it is written', async () => {
    face = await startFace()
    const path = '/apis/apps/v1/namespaces/default/deployments'
    const nothing = { template: { metadata: { creationTimestamp: null, labels: { app: 'web' } } } }
    const template = { ...deployment('web').spec.template, ...nothing.template }
    const web = { ...deployment('web'), spec: { ...deployment('web').spec, template } }
    await post(path, web)
    await ask(`${path}/web`, { method: 'PUT', send: web })
    await ask(`${path}/web`, {
      method: 'PATCH',
      type: 'application/json-patch+json',
      send: [{ op: 'replace', path: '/spec/template', value: template }],
    })
    const { json } = await ask(`${path}/web`)
    expect(json.spec.template.metadata).toEqual({ labels: { app: 'web' } })
    expect(json.metadata.generation).toBe(1)
  })

  test('delete keeps to its preconditions and says what is gone', async () => {
    face = await startFace()
    const { metadata } = await face.objects.create(configMap('a'), manager)
    const gone = (send: unknown) => ask(`${configMaps}/a`, { method: 'DELETE', send })
    expect((await gone({ preconditions: { uid: 'other' } })).code).toBe(409)
    expect((await gone({ kind: 'Pod' })).code).toBe(400)
    expect((await gone({ propagationPolicy: 'Sideways' })).code).toBe(400)
    expect((await gone({ dryRun: ['All'] })).code).toBe(200)
    expect((await gone({ kind: 'DeleteOptions', propagationPolicy: 'Background' })).json).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'a', kind: 'configmaps', uid: metadata.uid },
    })
    expect((await gone({})).code).toBe(404)
  })

  test('a Pod is deleted with the grace that is asked for, and a later one may only shorten it', async () => {
    face = await startFace()
    const path = '/api/v1/namespaces/default/pods/web'
    await face.objects.create(
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'web', namespace: 'default', finalizers: ['test.pulse/hold'] },
        spec: { containers: [{ name: 'main', image: 'sh' }] },
      },
      manager,
    )
    const graces = []
    for (const query of ['', '?gracePeriodSeconds=20', '?gracePeriodSeconds=40']) {
      graces.push((await ask(`${path}${query}`, { method: 'DELETE' })).json.metadata)
    }
    // As kubectl says it for --grace-period=0 --force.
    const send = { kind: 'DeleteOptions', gracePeriodSeconds: 0 }
    graces.push((await ask(path, { method: 'DELETE', send })).json.metadata)
    expect(graces.map((metadata) => metadata.deletionGracePeriodSeconds)).toEqual([0, 20, 20, 1])
  })

  test('a whole collection is deleted by its selector, and only that', async () => {
    face = await startFace()
    await face.objects.create(configMap('keep'), manager)
    const marked = configMap('drop')
    const labels = { drop: 'yes' }
    await face.objects.create({ ...marked, metadata: { ...marked.metadata, labels } }, manager)
    const { json } = await ask(`${configMaps}?labelSelector=drop`, { method: 'DELETE' })
    expect(json.items).toHaveLength(1)
    expect((await ask(configMaps)).json.items).toMatchObject([{ metadata: { name: 'keep' } }])
  })
})

function deployment(name: string) {
  const labels = { app: name }
  const containers = [{ name: 'odoo', image: 'base-18' }]
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: 1,
      selector: {
        matchLabels: labels,
        matchExpressions: [
          { key: 'tier', operator: 'In', values: ['a', 'b'] },
          { key: 'old', operator: 'DoesNotExist' },
        ],
      },
      template: { metadata: { labels }, spec: { containers } },
    },
  }
}
