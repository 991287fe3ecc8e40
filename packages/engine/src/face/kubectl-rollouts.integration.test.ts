import type { KubeObject } from '@pulse/api'
import { findKubectls } from '@pulse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kinds } from '../machine/kinds.ts'
import { until } from '../world.suite.ts'
import { type MachineSession, openMachineKubectl } from './kubectl-machine.suite.ts'

/** Deployments of the real controllers, rolled out, back and aside by real kubectl. */
describe.each(await findKubectls())('$name rolls out', (kubectl) => {
  let session: MachineSession
  beforeAll(async () => {
    session = await openMachineKubectl(kubectl)
  })
  afterAll(() => session.close())

  const ok: MachineSession['ok'] = (...given) => session.ok(...given)
  const refused: MachineSession['refused'] = (...given) => session.refused(...given)
  const image = (name: string) =>
    ok(`get deploy ${name} -o jsonpath={.spec.template.spec.containers[0].image}`)
  const images = async (name: string) =>
    (await ok(`get pods -l app=${name} -o jsonpath={.items[*].spec.containers[0].image}`))
      .split(' ')
      .filter((word) => word !== '')

  /** Rolled out, and nothing is left of what was before. */
  async function standsWith(name: string, wanted: readonly string[]) {
    await ok(`rollout status deploy/${name} --timeout=20s`)
    await until(async () => expect(await images(name)).toEqual(wanted))
  }

  test('a change is followed to its end, told in the history, and undone', async () => {
    await ok('apply -f -', deployment('web', 'a'))
    await ok('annotate deploy web kubernetes.io/change-cause=first')
    await standsWith('web', ['a', 'a'])
    expect(await ok('set image deploy/web main=b')).toBe('deployment.apps/web image updated\n')
    expect(await ok('rollout status deploy/web')).toMatch(/successfully rolled out\n$/)
    await ok('annotate --overwrite deploy web kubernetes.io/change-cause=second')
    await until(async () =>
      expect(await ok('rollout history deploy/web')).toMatch(/\n1 +first\n2 +second\n/),
    )
    expect(await ok('rollout history deploy/web --revision=1')).toMatch(/Image:\s+a\n/)

    expect(await ok('rollout undo deploy/web --dry-run=server')).toContain('(server dry run)')
    expect(await image('web')).toBe('b')
    expect(await ok('rollout undo deploy/web')).toBe('deployment.apps/web rolled back\n')
    await standsWith('web', ['a', 'a'])
    await until(async () =>
      expect(await ok('rollout history deploy/web')).toMatch(/CAUSE\n2 +second\n3 +first\n/),
    )
    expect(await ok('rollout undo deploy/web --to-revision=2')).toContain('rolled back')
    await standsWith('web', ['b', 'b'])
    // However its quantities were written, and with lists that hold nothing.
    expect(await ok('get rs -l app=web -o jsonpath={..limits.cpu}')).toBe('2000m 2000m')
    expect(await refused('rollout undo deploy/web --to-revision=9')).toContain(
      'unable to find specified revision 9 in history',
    )
    expect(await ok('get rs -l app=web -o name')).toMatch(/^(replicaset\.apps\/web-\w+\n){2}$/)
  })

  test('a restart puts new pods in the place of all', async () => {
    await ok('apply -f -', deployment('again', 'a'))
    await standsWith('again', ['a', 'a'])
    const uids = () => ok('get pods -l app=again -o jsonpath={.items[*].metadata.uid}')
    const before = (await uids()).split(' ')
    expect(await ok('rollout restart deploy/again')).toBe('deployment.apps/again restarted\n')
    await standsWith('again', ['a', 'a'])
    expect((await uids()).split(' ').filter((uid) => before.includes(uid))).toEqual([])
  })

  test('what is paused takes changes and makes nothing of them until it is resumed', async () => {
    await ok('apply -f -', deployment('held', 'z'))
    await standsWith('held', ['z', 'z'])
    await ok('set image deploy/held main=a')
    await standsWith('held', ['a', 'a'])
    expect(await ok('rollout pause deploy/held')).toBe('deployment.apps/held paused\n')
    expect(await refused('rollout pause deploy/held')).toContain('is already paused')
    await ok('set image deploy/held main=b')
    expect(await refused('rollout status deploy/held --timeout=1s')).toContain('timed out')
    expect(await images('held')).toEqual(['a', 'a'])
    expect(await refused('rollout undo deploy/held')).toContain('paused')
    expect(await refused('rollout restart deploy/held')).toContain('paused')
    expect(await ok('describe deploy held')).toMatch(/Progressing +Unknown +DeploymentPaused/)
    await ok('scale deploy/held --replicas=1')
    await until(async () => expect(await images('held')).toEqual(['a']))
    expect(await ok('rollout resume deploy/held')).toBe('deployment.apps/held resumed\n')
    expect(await refused('rollout resume deploy/held')).toContain('is not paused')
    await standsWith('held', ['b'])
  })

  test('a rollout that goes nowhere is told, keeps what serves, and can be undone', async () => {
    const patient = deployment('stuck', 'a', { progressDeadlineSeconds: 1 })
    await ok('apply -f -', patient)
    await standsWith('stuck', ['a', 'a'])
    await ok('set image deploy/stuck main=unready')
    expect(await refused('rollout status deploy/stuck --timeout=20s')).toContain(
      'exceeded its progress deadline',
    )
    expect(await ok('describe deploy stuck')).toMatch(/Progressing +False +ProgressDeadlineExce/)
    expect(await ok('wait --for=condition=Available deploy/stuck --timeout=1s')).toContain('met')
    await ok('rollout undo deploy/stuck')
    await standsWith('stuck', ['a', 'a'])
  })

  test('scale is carried out, on its condition, and names whom it scales', async () => {
    await ok('apply -f -', deployment('sized', 'a'))
    expect(await ok('scale deploy/sized --replicas=3')).toBe('deployment.apps/sized scaled\n')
    await standsWith('sized', ['a', 'a', 'a'])
    const otherwise = await refused('scale deploy/sized --current-replicas=2 --replicas=0')
    expect(otherwise).toContain('Expected replicas to be 2, was 3')
    expect(await ok('get deploy sized --subresource=scale -o jsonpath={.status.selector}')).toBe(
      'app=sized',
    )
    await ok('scale deploy/sized --current-replicas=3 --replicas=0')
    await until(async () => expect(await images('sized')).toEqual([]))
    expect(await ok('rollout status deploy/sized')).toContain('successfully rolled out')
    // A set that a Deployment holds follows it, whoever scales it.
    await ok('scale rs -l app=sized --replicas=5')
    await until(async () => expect(await sizesOf(session, 'sized')).toEqual([0]))
    expect(await images('sized')).toEqual([])
  })
})

async function sizesOf({ world }: MachineSession, app: string) {
  const labelSelector = `app=${app}`
  const { items } = await world.store.list({ ...kinds.replicaSet, labelSelector })
  return items.map(({ spec }) => JSON.parse(JSON.stringify(spec)).replicas)
}

function deployment(name: string, image: string, spec: object = {}): KubeObject {
  const labels = { app: name }
  return {
    ...kinds.deployment,
    metadata: { name, namespace: 'default', labels: { team: name } },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: { metadata: { labels }, spec: { containers: [container(image)], volumes: [] } },
      ...spec,
    },
  }
}

function container(image: string) {
  return { name: 'main', image, args: [], resources: { limits: { cpu: '2000m' } } }
}
