import { apiVersionOf, type KubeObject } from '@pulse/api'
import { findKubectls } from '@pulse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logLines, pod } from './harness.suite.ts'
import { type MachineSession, openMachineKubectl } from './kubectl-machine.suite.ts'
import { makeOneOfEach } from './one-of-each.suite.ts'

/** What people look at when something is amiss, of every kind that there is. */
describe.each(await findKubectls())('$name shows', (kubectl) => {
  let session: MachineSession
  const objects = makeOneOfEach()
  beforeAll(async () => {
    session = await openMachineKubectl(kubectl, {
      async openLog({ pod, container, ...asked }) {
        return logLines([`${pod.metadata.name} ${container} ${JSON.stringify(asked)}`])
      },
    })
    const list = { apiVersion: 'v1', kind: 'List', items: objects }
    const { code, stderr } = await session.shell.run(['apply', '-f', '-'], list)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
  afterAll(() => session.close())

  const ok: MachineSession['ok'] = (...given) => session.ok(...given)
  const refused: MachineSession['refused'] = (...given) => session.refused(...given)

  test('one of each kind that is served', () => {
    const served = session.world.kinds.map((kind) => `${apiVersionOf(kind)} ${kind.kind}`)
    const made = objects.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)
    expect(made.toSorted()).toEqual(served.toSorted())
  })

  test('all of them in columns, wide, and whole', async () => {
    const all = objects.map(({ kind }) => kind.toLowerCase())
    const everyKind = [...new Set(all)].join(',')
    const tables = (await ok(`get ${everyKind} -A -o wide`)).trimEnd().split('\n\n')
    expect(tables).toHaveLength(objects.length)
    for (const table of tables) expect(table).toMatch(/^(NAMESPACE|NAME) .*\n\S/)
    const { items } = JSON.parse(await ok(`get ${everyKind} -A -o json`))
    for (const { apiVersion, kind, metadata } of objects) {
      expect(items).toContainEqual(
        expect.objectContaining({ apiVersion, kind, metadata: expect.objectContaining(metadata) }),
      )
    }
  })

  test.each(objects.map((object) => [object.kind, object] as const))(
    '%s: described, with its events',
    async (kind, object) => {
      const { name, namespace } = object.metadata
      await tell(object, `something happened to ${name}`)
      const described = await ok(
        `describe ${kind.toLowerCase()} ${name}${namespace ? ` -n ${namespace}` : ''}`,
      )
      expect(described).toMatch(new RegExp(`^Name: +${name}$`, 'm'))
      // kubectl itself asks for no events of these.
      if (!silent.includes(kind)) expect(described).toContain(`something happened to ${name}`)
    },
  )

  test('events: in their order, of a type, and as they come', async () => {
    const [client] = objects
    const watching = session.shell.start(['events', '-A', '--watch', '--types=Warning'])
    await tell(client, 'it was late', { type: 'Warning', lastTimestamp: '2026-01-03T00:00:00Z' })
    await tell(client, 'it was early', { lastTimestamp: '2020-01-02T00:00:00Z' })
    await watching.sees('it was late')
    watching.stop()
    expect((await watching.ended).stdout).not.toContain('it was early')
    expect(await ok('events --for=planaclient/acme')).toMatch(/it was early.*it was late/s)
    expect(await ok('events --for=deployment/web -n acme')).not.toContain('it was late')
    const sorted = await ok('get events -A --sort-by=.lastTimestamp')
    expect(sorted.indexOf('it was early')).toBeLessThan(sorted.indexOf('it was late'))
    expect(sorted).toContain('it was early')
    expect(
      await ok('get events --field-selector=type=Warning,involvedObject.kind=PLANAClient'),
    ).toContain('it was late')
  })

  test('wait: for a condition, a field, a value, one that is to come, and all at once', async () => {
    expect(await ok('wait deploy/web -n acme --for=condition=Available --timeout=20s')).toContain(
      'met',
    )
    expect(await ok('wait pods -n acme -l app=web --for=condition=Ready --timeout=20s')).toContain(
      'met',
    )
    const field = '--for=jsonpath={.status.readyReplicas}'
    expect(await ok(`wait deploy/web -n acme ${field} --timeout=20s`)).toContain('met')
    expect(await ok(`wait deploy --all -n acme ${field}=1 --timeout=20s`)).toContain('met')
    expect(await refused(`wait deploy/web -n acme ${field}=7 --timeout=1s`)).toContain('timed out')
    expect(await ok('wait job/done -n acme --for=condition=Complete --timeout=20s')).toContain(
      'met',
    )
    const coming = session.shell.start(['wait', 'cm/late', '--for=create', '--timeout=20s'])
    await ok('apply -f -', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late' } })
    expect(await coming.ended).toMatchObject({ code: 0 })
    const going = session.shell.start(['wait', 'cm/late', '--for=delete', '--timeout=20s'])
    await ok('delete cm late')
    expect(await going.ended).toMatchObject({ code: 0 })
    expect(await refused('wait cm/never --for=condition=Ready --timeout=1s')).toContain(
      '(NotFound)',
    )
  })

  test('logs: of what made the Pods, of a selection, with whose they are, and since when', async () => {
    const web = await ok('get pods -n acme -l app=web -o jsonpath={.items[0].metadata.name}')
    expect(await ok('logs deploy/web -n acme')).toBe(
      `${web} main {"previous":false,"follow":false}\n`,
    )
    expect(await ok('logs -n acme -l app=web --prefix')).toBe(
      `[pod/${web}/main] ${web} main {"previous":false,"follow":false,"tailLines":10}\n`,
    )
    const talking = pod('talking')
    await ok('create -f -', talking)
    await ok('wait pod/talking --for=condition=Ready --timeout=20s')
    await session.world.store.update(talking, { fieldManager: 'test', subresource: 'status' })
    const all = 'logs talking --all-containers --prefix --ignore-errors'.split(' ')
    const { stdout } = await session.shell.run(all)
    expect(stdout).toContain('[pod/talking/odoo] talking odoo')
    expect(stdout).toContain('[pod/talking/side] talking side')
    expect(stdout).toContain('container "late" in pod "talking" is waiting to start')
    expect(await ok('logs talking -c side --limit-bytes=40 --tail=3')).toContain(
      '"tailLines":3,"limitBytes":40',
    )
    expect(await ok('logs talking -c side --since-time=2026-01-01T00:00:00Z')).toContain(
      '"sinceTime":"2026-01-01T00:00:00Z"',
    )
    expect(await ok('logs talking -c side --since=1h')).toMatch(/"sinceTime":"20\d\d-/)
    expect(await ok('logs talking -c odoo -p')).toContain('"previous":true')
    const stamped = await session.shell.run('logs talking -c side --timestamps'.split(' '))
    expect(stamped.stderr).toContain('carry no timestamps')
    expect(await refused('logs deploy/nope')).toContain('NotFound')
  })

  test('explain: every field of every kind, with what it holds and means', async () => {
    const fields = await ok('explain planaclient --recursive')
    expect(fields).toMatch(/sleep\t<Object>\n\s+enabled\t<boolean>\n\s+idleTimeout\t<string>/)
    for (const kind of ['tenantenvironment', 'environmentbackup', 'tenantupgrade']) {
      expect(await ok(`explain ${kind}.spec`)).toContain('FIELDS:')
    }
    const spec = await ok('explain deployment.spec')
    expect(spec).toMatch(/replicas\t<integer>\n\s+Number of desired pods\./)
    expect(spec).toMatch(/selector\t<LabelSelector> -required-/)
    const pod = await ok('explain cronjob.spec.jobTemplate.spec.template --recursive')
    expect(pod).toMatch(/containers\t<\[\]Container> -required-\n\s+args\t<\[\]string>/)
    expect(pod).toMatch(/limits\t<map\[string\]Quantity>/)
    expect(await ok('explain pod.spec.containers.imagePullPolicy')).toMatch(/ENUM:\s+Always\s/)
    for (const { apiVersion, kind } of objects) {
      const all = await ok(`explain ${kind.toLowerCase()} --api-version=${apiVersion} --recursive`)
      expect(all).toMatch(/metadata\t<ObjectMeta>.*\n\s+annotations\t<map\[string\]string>/)
    }
    expect(await refused('explain pod.spec.containerz')).toContain('"containerz" does not exist')
    expect(await refused('explain planaclient.spec.tire')).toContain('field "tire" does not exist')
    expect(await refused('explain nothing')).toContain(`doesn't have a resource type "nothing"`)
  })

  test('what can be handed back as it is: no field of it is unknown', async () => {
    for (const { kind, metadata } of objects) {
      const where = metadata.namespace ? ` -n ${metadata.namespace}` : ''
      const shown = JSON.parse(
        await ok(`get ${kind.toLowerCase()} ${metadata.name}${where} -o json`),
      )
      const path = `${shown.apiVersion}/${kind}`
      const { resourceVersion: _, ...rest } = shown.metadata
      // Ours are replaced only by who says which version he saw, which may be another by then.
      const isOurs = path.startsWith('planapulse.com')
      const given = isOurs ? shown : { ...shown, metadata: rest }
      const replace = ['replace', '--dry-run=server', '-f', '-']
      const { stderr } = await session.shell.run(replace, given)
      expect(stderr.replace(/^.*\(Conflict\).*$/s, ''), path).toBe('')
    }
  })

  async function tell(about: KubeObject | undefined, message: string, more: object = {}) {
    if (!about) throw new Error('there is nothing to tell of')
    const stored = await session.world.get({ ...about, ...about.metadata })
    const { apiVersion, kind } = about
    const { name, namespace = 'default', uid } = stored.metadata
    const where = about.metadata.namespace ?? 'default'
    await session.world.store.create(
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: '', generateName: 'told.', namespace: where },
        involvedObject: {
          ...{ apiVersion, kind, name, uid },
          ...(about.metadata.namespace && { namespace }),
        },
        ...{ type: 'Normal', reason: 'Told', message, count: 1 },
        ...{ firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:00:00Z' },
        ...more,
      },
      { fieldManager: 'test' },
    )
  }
})

const silent = [
  'ClusterRole',
  'ClusterRoleBinding',
  'ConfigMap',
  'LimitRange',
  'Namespace',
  'NetworkPolicy',
  'ResourceQuota',
  'Role',
  'RoleBinding',
  'Secret',
]
