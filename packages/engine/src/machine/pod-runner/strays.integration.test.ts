import { refOf } from '@pulse/api'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { removePod, untilLog } from './awaited-pods.suite.ts'
import { noCgroups } from './cgroup.ts'
import { markOf } from './killed-pulse.suite.ts'
import { createMachine, type Machine, processesWith } from './pod-runner.suite.ts'

/** A machine without cgroups, whose users no other test has. */
const uids = { first: 31_400, count: 10 }
let machine: Machine
beforeAll(async () => {
  machine = await createMachine({ octet: 230, uids, isolation: { cgroups: noCgroups } })
  const namespaces = { own: 31_400, shared: 31_401, outside: 31_411 }
  for (const [name, uid] of Object.entries(namespaces)) {
    const annotations = { 'planapulse.com/uid': String(uid) }
    await machine.create({ kind: 'Namespace', metadata: { name, annotations } })
  }
})
afterAll(() => machine.close())

/** Nothing tells whose the process is but its user. */
function strays(mark: string, namespace: string) {
  onTestFinished(() => {
    for (const pid of processesWith(mark)) process.kill(pid, 'SIGKILL')
  })
  const leave = `setsid env -i /bin/sleep ${mark} < /dev/null > /dev/null 2>&1 &`
  const args = [`${leave} echo up; exec sleep 600`]
  return machine.createPod({ containers: [{ name: 'main', image: 'sh', args }] }, namespace)
}

test('without cgroups a process that has left its session and its environment ends with its pod', async () => {
  if (!machine.isolation.ownUsers) return
  const mark = markOf()
  const pod = await strays(mark, 'own')
  await untilLog(machine, pod, 'up')
  await expect.poll(() => processesWith(mark)).toHaveLength(1)
  await removePod(machine, pod)
  expect(processesWith(mark)).toEqual([])
})

test('while another pod of its user lives nobody knows whose it is: it ends with the last of them', async () => {
  if (!machine.isolation.ownUsers) return
  const marks = [markOf(), markOf()]
  const [first, second] = await Promise.all(marks.map((mark) => strays(mark, 'shared')))
  if (!first || !second) throw new Error('a pod is missing')
  for (const pod of [first, second]) await untilLog(machine, pod, 'up')
  for (const mark of marks) await expect.poll(() => processesWith(mark)).toHaveLength(1)
  await removePod(machine, first)
  expect(marks.flatMap(processesWith)).toHaveLength(2)
  await machine.objects.delete(refOf(second))
  await machine.untilGone(second)
  expect(marks.flatMap(processesWith)).toEqual([])
})

test('processes of a user who may be somebody else’s too are left alone', async () => {
  if (!machine.isolation.ownUsers) return
  const mark = markOf()
  const pod = await strays(mark, 'outside')
  await untilLog(machine, pod, 'up')
  await expect.poll(() => processesWith(mark)).toHaveLength(1)
  await removePod(machine, pod)
  expect(processesWith(mark)).toHaveLength(1)
})

test('what was left by pods that are ended with Pulse ends with them', async () => {
  if (!machine.isolation.ownUsers) return
  const mark = markOf()
  await untilLog(machine, await strays(mark, 'own'), 'up')
  await expect.poll(() => processesWith(mark)).toHaveLength(1)
  await machine.runner.stop({ keepPods: false })
  expect(processesWith(mark)).toEqual([])
})
