import type { KubeObject } from '@pulse/api'
import { findKubectls } from '@pulse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kinds } from '../machine/kinds.ts'
import { until } from '../world.suite.ts'
import { configMap } from './harness.suite.ts'
import { type MachineSession, openMachineKubectl } from './kubectl-machine.suite.ts'

/** What kubectl deletes, with the garbage collector at work. */
describe.each(await findKubectls())('$name deletes', (kubectl) => {
  let session: MachineSession
  beforeAll(async () => {
    session = await openMachineKubectl(kubectl)
  })
  afterAll(() => session.close())

  const ok: MachineSession['ok'] = (...given) => session.ok(...given)
  const refused: MachineSession['refused'] = (...given) => session.refused(...given)
  const names = (what: string) => ok(`get ${what} -o jsonpath={.items[*].metadata.name}`)
  const owned = (name: string) => names(`rs,pods -l app=${name}`)

  async function standing(name: string) {
    await ok('apply -f -', deployment(name))
    await ok(`rollout status deploy/${name} --timeout=20s`)
    expect((await owned(name)).split(' ')).toHaveLength(2)
  }

  test('with all that hangs on it: afterwards, or before it goes itself', async () => {
    await standing('background')
    expect(await ok('delete deploy background')).toContain('"background" deleted')
    await until(async () => expect(await owned('background')).toBe(''))

    await standing('foreground')
    expect(await ok('delete deploy foreground --cascade=foreground')).toContain('deleted')
    expect(await owned('foreground')).toBe('')
  })

  test('alone, and leaves what hangs on it to the next of its name', async () => {
    await standing('orphan')
    const before = await owned('orphan')
    expect(await ok('delete deploy orphan --cascade=orphan')).toContain('"orphan" deleted')
    expect(await refused('get deploy orphan')).toContain('NotFound')
    expect(await owned('orphan')).toBe(before)
    expect(await ok('get rs -l app=orphan -o jsonpath={..ownerReferences}')).toBe('')
    await ok('apply -f -', deployment('orphan'))
    await ok('rollout status deploy/orphan --timeout=20s')
    expect(await owned('orphan')).toBe(before)
  })

  test('what a selector, a file, or --all names, and nothing else', async () => {
    for (const name of ['one', 'two', 'three']) {
      await ok('create -f -', configMap(name))
      await ok(`label cm ${name} group=${name === 'three' ? 'other' : 'same'}`)
    }
    expect(await ok('delete cm -l group=same --dry-run=server')).toMatch(/one.*dry run.*two/s)
    expect(await names('cm')).toBe('one three two')
    expect(await ok('delete cm -l group=same')).toMatch(/"one" deleted.*"two" deleted/s)
    expect(await names('cm')).toBe('three')
    await ok('delete cm --field-selector=metadata.name=three')
    await ok('create -f -', configMap('filed'))
    expect(await ok('delete -f -', configMap('filed'))).toContain('"filed" deleted')
    expect(await refused('delete -f -', configMap('filed'))).toContain('(NotFound)')
    expect(await ok('delete --ignore-not-found -f -', configMap('filed'))).toBe('')
    await ok('create -f -', configMap('rest'))
    await ok('delete cm,secrets --all')
    expect(await names('cm')).toBe('')
  })

  test('a Pod with the grace that is asked for, which a later one only shortens', async () => {
    const { store } = session.world
    const graces = async () => {
      const ref = { ...kinds.pod, namespace: 'default', name: 'held' }
      return (await store.get(ref))?.metadata.deletionGracePeriodSeconds
    }
    const metadata = { name: 'held', namespace: 'default', finalizers: ['test.pulse/hold'] }
    const spec = { containers: [{ name: 'main', image: 'a' }] }
    await ok('create -f -', { ...kinds.pod, metadata, spec })
    const seen = []
    for (const flags of ['--grace-period=40', '--grace-period=20', '--grace-period=30', '--now']) {
      await ok(`delete pod held --wait=false ${flags}`)
      seen.push(await graces())
    }
    expect(seen).toEqual([40, 20, 20, 1])
    const forced = session.shell.start(['delete', 'pod', 'held', '--force'])
    await forced.sees('force deleted')
    await ok('patch pod held --type=json -p [{"op":"remove","path":"/metadata/finalizers"}]')
    expect((await forced.ended).code).toBe(0)
    expect(await refused('get pod held')).toContain('NotFound')
  })

  test('a namespace after all that is in it, and waits for that', async () => {
    await ok('apply -f -', { ...kinds.namespace, metadata: { name: 'passing' } })
    const inside = { ...configMap('inside'), metadata: { name: 'inside', namespace: 'passing' } }
    await ok('apply -f -', inside)
    expect(await ok('delete ns passing --timeout=20s')).toContain('"passing" deleted')
    expect(await ok('get ns passing --ignore-not-found')).toBe('')
    expect(await refused('create -f -', inside)).toContain('namespaces "passing" not found')
  })
})

function deployment(name: string): KubeObject {
  const labels = { app: name }
  return {
    ...kinds.deployment,
    metadata: { name, namespace: 'default' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'a' }] } },
    },
  }
}
