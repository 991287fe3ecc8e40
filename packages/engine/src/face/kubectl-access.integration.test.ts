import { findKubectls } from '@pulse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWithStatus, deployment, manager, pod } from './harness.suite.ts'
import { type KubectlSession, openKubectl } from './kubectl-session.suite.ts'

/** What is asked of the server itself, and what it does not offer: told, never guessed at, never left hanging. */
describe.each(await findKubectls())('$name is told', (kubectl) => {
  let session: KubectlSession
  beforeAll(async () => {
    session = await openKubectl(kubectl)
    await createWithStatus(session.face.objects, pod('worker'))
    await session.face.objects.create(deployment('web'), manager)
  })
  afterAll(() => session.close())

  const ok: KubectlSession['ok'] = (...given) => session.ok(...given)
  const refused: KubectlSession['refused'] = (...given) => session.refused(...given)

  test('auth: what it may do, and who it is', async () => {
    expect(await ok('auth can-i create deployments')).toBe('yes\n')
    expect(await ok('auth can-i get pods --subresource=log')).toBe('yes\n')
    expect(await ok('auth can-i get /version')).toBe('yes\n')
    const asked = await session.shell.run(['auth', 'can-i', 'create', 'planaclient'])
    expect(asked).toMatchObject({ code: 0, stdout: 'yes\n' })
    expect(await ok('auth can-i --list')).toMatch(/^\*\.\* +\[\] +\[\] +\[\*\]$/m)
    expect(await ok('auth whoami')).toMatch(/Username +admin\n/)
  })

  test('auth: of others it knows nothing, and acts as nobody else', async () => {
    const others = await session.shell.run('auth can-i get pods --as=bob'.split(' '))
    expect(others).toMatchObject({ code: 1, stdout: '' })
    expect(others.stderr).toContain('users "bob" is forbidden')
    expect(await refused('get pods --as=bob')).toContain('(Forbidden)')
    expect(await refused('delete pod worker --as=bob --as-group=ops')).toContain('(Forbidden)')
    expect(await ok('get pod worker -o name')).toBe('pod/worker\n')
  })

  test('the server: its groups, its health, and where it is', async () => {
    expect(await ok('api-versions')).toMatch(/^planapulse\.com\/v1alpha1$/m)
    expect(await ok('cluster-info')).toContain(session.face.url)
    const dump = await ok('cluster-info dump')
    for (const kind of ['NodeList', 'EventList', 'ServiceList', 'DeploymentList', 'PodList']) {
      expect(dump).toContain(`"kind": "${kind}"`)
    }
    expect(dump).toContain('==== START logs for container odoo of pod default/worker ====')
    expect(await ok('get --raw /healthz')).toBe('ok')
    expect(JSON.parse(await ok('get --raw /version'))).toMatchObject({ major: '1', minor: '35' })
  })

  test.each([
    ['exec worker -c odoo -- ls', /MethodNotAllowed.*no commands are run in containers/s],
    ['attach worker -c odoo', /MethodNotAllowed.*use kubectl logs -f/s],
    ['cp worker:/etc/hosts /dev/null -c odoo', /no commands are run in containers/],
    ['port-forward pod/worker :8069', /ports are not forwarded.*at its URL/s],
    ['debug worker --image=x --profile=general', /no container can be added to a running Pod/],
    ['create token default', /no tokens are made here.*pulse kubeconfig/s],
    ['autoscale deployment web --max=3', /nothing is scaled by its load.*use kubectl scale/s],
    ['top pods', /Metrics API not available/],
    ['get --raw /api/v1/namespaces/default/pods/worker/proxy/', /at its URL, by the gateway/],
  ])('%s: what there is instead', async (command, told) => {
    expect(await refused(command)).toMatch(told)
  })

  test.each([
    ['get planaclient typo', '(NotFound): planaclients.planapulse.com "typo" not found'],
    ['get planaclientz', `the server doesn't have a resource type "planaclientz"`],
    ['get pods/worker/nope', 'may not have more than one slash'],
    ['describe deploy nope', '(NotFound): deployments.apps "nope" not found'],
    ['delete pod nope', '(NotFound): pods "nope" not found'],
    ['scale planaclient nope --replicas=2', 'not found'],
    ['get --raw /apis/apps/v2/deployments', '(NotFound): the server could not find'],
    ['get --raw /nowhere', '(NotFound): the server could not find'],
    ['get pods --field-selector=spec.nope=1', 'field label not supported: spec.nope'],
    ['get pods -l a=b=c', 'unable to parse requirement'],
    ['apply -f -', `no matches for kind "Planaclient"`],
  ])('%s: what is wrong with it', async (command, told) => {
    const unknown = { apiVersion: 'planapulse.com/v1alpha1', kind: 'Planaclient', metadata: {} }
    expect(await refused(command, { ...unknown, metadata: { name: 'a' } })).toContain(told)
  })

  test.each([
    ['create configmap a', 'create configmap a --from-literal=k=v'],
    ['create secret', 'create secret generic a --from-literal=k=v'],
    ['create namespace', 'create namespace a'],
    ['create deployment', 'create deployment a --image=base-18'],
    ['create job', 'create job a --image=base-18'],
    ['create role', 'create role a --verb=get --resource=pods'],
  ])(
    '%s, which comes in protobuf: the command that is taken, which is taken',
    async (_, command) => {
      expect(await refused(command)).toContain('--dry-run=client -o yaml | kubectl apply -f -')
      const manifest = await ok(`${command} --dry-run=client -o yaml`)
      expect(await ok('apply -f -', manifest)).toMatch(/ created\n$/)
    },
  )
})
