import type { KubeObject } from '@pulse/api'
import { findKubectls } from '@pulse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { client, configMap, deployment, manager, type RunningFace } from './harness.suite.ts'
import type { Shell } from './kubectl.suite.ts'
import { type KubectlSession, openKubectl } from './kubectl-session.suite.ts'

/** Real kubectl is the judge: what it asks, prints and exits with is what an operator gets. */
describe.each(await findKubectls())('$name writes', (kubectl) => {
  let session: KubectlSession
  let face: RunningFace
  let shell: Shell
  let other: Shell
  beforeAll(async () => {
    session = await openKubectl(kubectl)
    ;({ face, shell, other } = session)
  })
  afterAll(() => session.close())

  const ok: KubectlSession['ok'] = (...given) => session.ok(...given)
  const refused: KubectlSession['refused'] = (...given) => session.refused(...given)

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
    expect(await ok('apply --validate=ignore -f -', client('dropped', { tire: 'x' }))).toContain(
      'created',
    )
    for (const name of ['warned', 'dropped']) {
      expect(await ok(`get client ${name} -o jsonpath={.spec.tire}{.spec.tier}`)).toBe('pro')
    }
    expect(await refused('get client bad')).toContain('NotFound')
    expect(
      await refused('apply -f -', { ...configMap('a'), metadata: { name: 'a', namespace: 'no' } }),
    ).toContain('namespaces "no" not found')
  })

  test("so is one of Kubernetes' own kinds, down to its containers", async () => {
    const main = { name: 'odoo', image: 'base-18', comand: ['sh'], env: [{ nam: 'A' }] }
    const unknown = await refused('apply -f -', deployment('broken', [main]))
    const field = 'spec.template.spec.containers[0]'
    expect(unknown).toContain(`unknown field "${field}.comand" (did you mean "${field}.command"?)`)
    expect(unknown).toContain(`unknown field "${field}.env[0].nam" (did you mean`)
    expect(await refused('get deploy broken')).toContain('NotFound')
    const wrong = deployment('broken', [{ name: 'odoo', image: 'base-18', args: 'a b' }])
    expect(await refused('apply --validate=ignore -f -', wrong)).toContain(
      `${field}.args must be an array`,
    )

    const misspelt = { ...configMap('misspelt', { a: '1' }), dat: { b: '2' } }
    const { stderr } = await shell.run(['apply', '--validate=warn', '-f', '-'], misspelt)
    expect(stderr).toBe('Warning: unknown field "dat" (did you mean "data"?)\n')
    const applied = await shell.run(['apply', '--server-side', '--validate=warn', '-f', '-'], {
      ...configMap('misspelt-too'),
      dat: { b: '2' },
    })
    expect(applied.stderr).toBe('Warning: unknown field "dat" (did you mean "data"?)\n')
    for (const name of ['misspelt', 'misspelt-too']) {
      expect(await ok(`get cm ${name} -o jsonpath={.dat}`)).toBe('')
    }
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

  test('a status and a scale are written apart, by the flag for it', async () => {
    await face.objects.create(deployment('apart', [{ name: 'odoo', image: 'base-18' }]), manager)
    const both = '{"spec":{"replicas":4},"status":{"readyReplicas":2}}'
    await ok(`patch deploy apart --subresource=status --type=merge -p ${both}`)
    const path = '{.spec.replicas}-{.status.readyReplicas}'
    expect(await ok(`get deploy apart -o jsonpath=${path}`)).toBe('1-2')
    expect(await ok(`patch deploy apart --subresource=scale --type=merge -p ${both}`)).toContain(
      'patched',
    )
    expect(await ok(`get deploy apart -o jsonpath=${path}`)).toBe('4-2')
    expect(await ok('get deploy apart --subresource=scale -o jsonpath={.kind}')).toBe('Scale')
  })

  test('create with a protobuf body is refused for good, as only JSON and YAML are spoken', async () => {
    expect(await refused('create configmap proto')).toMatch(/in an unknown format.*use apply -f/s)
    expect(await refused('auth reconcile -f -', role('reader'))).toContain('use apply -f')
    await ok('apply -f -', role('reader'))
    expect(await ok('auth reconcile -f -', role('reader'))).toContain('reader reconciled')
    expect(await ok('create -f -', configMap('spoken'))).toBe('configmap/spoken created\n')
  })
})

function role(name: string): KubeObject {
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]
  const metadata = { name, namespace: 'default' }
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules }
}

function env(name: string) {
  return { name, value: '1' }
}
