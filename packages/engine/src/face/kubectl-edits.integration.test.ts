import type { KubeObject } from '@pulse/api'
import { findKubectls } from '@pulse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { client, configMap, deployment, manager } from './harness.suite.ts'
import { type KubectlSession, openKubectl } from './kubectl-session.suite.ts'

/** What people change by hand: in an editor, by a patch of any type, by replacing. */
describe.each(await findKubectls())('$name edits', (kubectl) => {
  let session: KubectlSession
  beforeAll(async () => {
    session = await openKubectl(kubectl)
  })
  afterAll(() => session.close())

  const ok: KubectlSession['ok'] = (...given) => session.ok(...given)
  const refused: KubectlSession['refused'] = (...given) => session.refused(...given)
  const edit = (what: string, script: string) =>
    session.shell.run(['edit', ...what.split(' ')], undefined, { KUBE_EDITOR: `sed -i ${script}` })

  test('diff shows what an apply would change, and nothing else', async () => {
    const difference = async (input: object, flags = '') => {
      const args = `diff ${flags} -f -`.split(' ').filter((word) => word !== '')
      const { code, stdout } = await session.shell.run(args, input)
      return { code, lines: stdout.split('\n').filter((line) => /^[+-] /.test(line)) }
    }
    expect((await difference(client('seen'))).lines).toContain('+  ownerName: Ada')
    expect(await refused('get client seen')).toContain('NotFound')
    await ok('apply -f -', client('seen'))
    expect(await difference(client('seen'))).toEqual({ code: 0, lines: [] })
    expect(await difference(client('seen', { ownerName: 'Eva' }))).toEqual({
      code: 1,
      lines: ['-  generation: 1', '+  generation: 2', '-  ownerName: Ada', '+  ownerName: Eva'],
    })
    await ok('apply --server-side -f -', configMap('seen', { a: '1' }))
    const changed = await difference(configMap('seen', { a: '2' }), '--server-side')
    expect(changed).toEqual({ code: 1, lines: ['-  a: "1"', '+  a: "2"'] })
    expect(await ok('get client seen -o jsonpath={.spec.ownerName}')).toBe('Ada')
  })

  test('edit writes what the editor leaves, and refuses with every mistake', async () => {
    await ok('apply -f -', client('edited'))
    expect(await edit('client edited', 's/Ada/Eva/')).toMatchObject({
      code: 0,
      stdout: 'planaclient.planapulse.com/edited edited\n',
    })
    expect((await edit('client edited', 's/nothing/else/')).stderr).toContain('no changes made')
    expect((await edit('client edited', 's/tier:/tire:/')).stderr).toContain(
      'unknown field "spec.tire" (did you mean "spec.tier"?)',
    )
    expect((await edit('client edited', 's/pro$/gold/')).stderr).toContain('"edited" is invalid')
    await ok('apply -f -', odooDeployment('edited'))
    expect((await edit('deploy edited', 's/base-18/base-19/')).code).toBe(0)
    expect(await ok('get deploy edited -o jsonpath={..image}')).toBe('base-19')
    expect(await ok('get client edited -o jsonpath={.spec.ownerName}{.spec.tier}')).toBe('Evapro')
  })

  test('replace takes the whole, and --force makes it anew', async () => {
    const before = await session.face.objects.create(configMap('whole', { a: '1' }), manager)
    expect(await ok('replace -f -', configMap('whole', { b: '2' }))).toContain('replaced')
    expect(await ok('get cm whole -o jsonpath={.data}')).toBe('{"b":"2"}')
    expect(await refused('replace -f -', configMap('absent'))).toContain('(NotFound)')
    expect(await ok('replace --force -f -', configMap('whole', { c: '3' }))).toMatch(
      /deleted.*replaced/s,
    )
    const uid = await ok('get cm whole -o jsonpath={.metadata.uid}')
    expect(uid).not.toBe(before.metadata.uid)
  })

  test('create makes names, and none twice', async () => {
    const nameless = { ...configMap(''), metadata: { generateName: 'made-', namespace: 'default' } }
    const names = [
      await ok('create -f - -o name', nameless),
      await ok('create -f - -o name', nameless),
    ]
    expect(names).toEqual([
      expect.stringMatching(/^configmap\/made-\w{5}\n$/),
      expect.stringMatching(/^configmap\/made-\w{5}\n$/),
    ])
    expect(new Set(names).size).toBe(2)
    expect(await refused('create -f -', odooDeployment('edited'))).toContain('(AlreadyExists)')
    expect(await refused('apply -f -', nameless)).toContain('cannot use generate name with apply')
  })

  test('a JSON patch tests and moves, a merge patch replaces lists', async () => {
    await session.face.objects.create(configMap('patched', { a: '1' }), manager)
    const moved =
      '[{"op":"test","path":"/data/a","value":"1"},{"op":"move","from":"/data/a","path":"/data/b"}]'
    await ok(`patch cm patched --type=json -p ${moved}`)
    expect(await refused(`patch cm patched --type=json -p ${moved}`)).toContain('invalid')
    expect(await ok('get cm patched -o jsonpath={.data}')).toBe('{"b":"1"}')
    await ok('apply -f -', client('patched', { aliases: ['a.example', 'b.example'] }))
    await ok('patch client patched --type=merge -p {"spec":{"aliases":["c.example"]}}')
    expect(await ok('get client patched -o jsonpath={.spec.aliases}')).toBe('["c.example"]')
    expect(await refused('patch client patched -p {"spec":{}}')).toContain('is not supported by')
    expect(await refused('patch client patched --type=merge -p {"spec":{"tier":1}}')).toContain(
      'spec.tier',
    )
    expect(await ok('patch cm patched --type=merge -p {}')).toContain('(no change)')
  })

  test('a strategic merge patch keeps to the keys of the lists of Kubernetes', async () => {
    await ok('apply -f -', odooDeployment('merged'))
    const patch = (pod: object) =>
      session.shell.run([
        ...'patch deploy merged -p'.split(' '),
        JSON.stringify({ spec: { template: { spec: pod } } }),
      ])
    const pod = async () => JSON.parse(await ok('get deploy merged -o json')).spec.template.spec
    const first = async () => (await pod()).containers[0]
    const inFirst = (fields: object) => patch({ containers: [{ name: 'odoo', ...fields }] })

    await inFirst({ env: [{ name: 'TWO', value: '2' }] })
    await inFirst({ env: [{ name: 'ONE', $patch: 'delete' }] })
    expect((await first()).env).toEqual([{ name: 'TWO', value: '2' }])
    await inFirst({ ports: [{ containerPort: 8072, name: 'bus' }] })
    await inFirst({ volumeMounts: [{ mountPath: '/a', name: 'v' }] })
    expect((await first()).ports).toEqual([
      { containerPort: 8069, protocol: 'TCP' },
      { containerPort: 8072, protocol: 'TCP', name: 'bus' },
    ])

    await patch({ tolerations: [{ key: 'a', operator: 'Exists' }] })
    await patch({ tolerations: [{ key: 'b', operator: 'Exists' }] })
    expect((await pod()).tolerations).toMatchObject([{ key: 'b' }])
    await patch({ volumes: [{ name: 'v', emptyDir: {} }] })
    const retained = { name: 'v', configMap: { name: 'c' }, $retainKeys: ['name', 'configMap'] }
    await patch({ volumes: [retained] })
    expect((await pod()).volumes).toMatchObject([{ name: 'v', configMap: { name: 'c' } }])
    expect((await pod()).volumes[0]).not.toHaveProperty('emptyDir')

    await patch({
      '$setElementOrder/containers': [{ name: 'side' }, { name: 'odoo' }],
      containers: [{ name: 'side', image: 'base-19' }],
    })
    expect((await pod()).containers.map(nameOf)).toEqual(['side', 'odoo'])
    await patch({ containers: [{ $patch: 'replace' }, { name: 'only', image: 'base-18' }] })
    expect((await pod()).containers.map(nameOf)).toEqual(['only'])
    expect((await patch({ containers: [{ image: 'x' }] })).stderr).toContain('patch key name')
    expect((await patch({ $patch: 'bogus' })).stderr).toContain('unknown patch directive')

    await ok('patch deploy merged -p {"metadata":{"finalizers":["a.b/c","a.b/d"]}}')
    await ok(
      'patch deploy merged -p {"metadata":{"$deleteFromPrimitiveList/finalizers":["a.b/c"]}}',
    )
    expect(await ok('get deploy merged -o jsonpath={.metadata.finalizers}')).toBe('["a.b/d"]')
    await ok('patch deploy merged -p {"metadata":{"finalizers":null}}')
  })

  test('label and annotate add, overwrite only when told to, and take away', async () => {
    await session.face.objects.create(configMap('marked'), manager)
    for (const verb of ['label', 'annotate']) {
      const marks = `get cm marked -o jsonpath={.metadata.${verb === 'label' ? 'labels' : 'annotations'}}`
      await ok(`${verb} cm marked a=1 b=2`)
      expect(await refused(`${verb} cm marked a=3`)).toContain('--overwrite is false')
      await ok(`${verb} --overwrite cm marked a=3`)
      expect(await ok(`${verb} --dry-run=server --overwrite cm marked a=9`)).toContain('dry run')
      expect(await refused(`${verb} cm marked c=1 --resource-version=1`)).toContain('(Conflict)')
      await ok(`${verb} cm marked b-`)
      expect(await ok(marks)).toBe('{"a":"3"}')
    }
    await ok('label cm -l a=3 chosen=yes')
    // kubectl lists them in no order.
    const listed = (await ok('label cm marked --list')).trim().split('\n')
    expect(listed.toSorted()).toEqual(['a=3', 'chosen=yes'])
  })

  test('set changes images, variables and resources of a template', async () => {
    await ok('apply -f -', odooDeployment('set'))
    await ok('set image deploy/set odoo=base-19 side=base-19')
    await ok('set env deploy/set -c odoo THREE=3 ONE-')
    await ok('set resources deploy/set -c odoo --limits=memory=1Gi')
    const { containers } = JSON.parse(await ok('get deploy set -o json')).spec.template.spec
    expect(containers).toMatchObject([
      {
        image: 'base-19',
        env: [{ name: 'THREE', value: '3' }],
        resources: { limits: { memory: '1Gi' } },
      },
      { image: 'base-19' },
    ])
  })
})

function nameOf({ name }: { readonly name: string }): string {
  return name
}

/** With a second container, but for the one that is edited. */
function odooDeployment(name: string): KubeObject {
  const odoo = {
    name: 'odoo',
    image: 'base-18',
    env: [{ name: 'ONE', value: '1' }],
    ports: [{ containerPort: 8069 }],
  }
  return deployment(name, name === 'edited' ? [odoo] : [odoo, { name: 'side', image: 'base-18' }])
}
