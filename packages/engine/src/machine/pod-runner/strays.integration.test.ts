import { readFileSync } from 'node:fs'
import { refOf } from '@pulse/api'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { removePod, untilLog } from './awaited-pods.suite.ts'
import { noCgroups } from './cgroup.ts'
import { markOf } from './killed-pulse.suite.ts'
import { createMachine, isRunning, type Machine, processesWith } from './pod-runner.suite.ts'

/** A machine without cgroups, whose users no other test has, nor another run of this one. */
const uids = { first: 0x6000_0000 + (process.pid % 0x10_0000) * 16, count: 10 }
const patience = { timeout: 30_000 }
const needsRoot = 'processes have users of their own as root only'
let machine: Machine
beforeAll(async () => {
  machine = await createMachine({ octet: 230, uids, isolation: { cgroups: noCgroups } })
  const namespaces = { own: uids.first, shared: uids.first + 1, outside: uids.first + 11 }
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

test('without cgroups a process that has left its session and its environment ends with its pod', async ({
  skip,
}) => {
  skip(!machine.isolation.ownUsers, needsRoot)
  const mark = markOf()
  const pod = await strays(mark, 'own')
  await untilLog(machine, pod, 'up')
  await expect.poll(() => processesWith(mark), patience).toHaveLength(1)
  await removePod(machine, pod)
  expect(processesWith(mark)).toEqual([])
})

test('while another pod of its user lives nobody knows whose it is: it ends with the last of them', async ({
  skip,
}) => {
  skip(!machine.isolation.ownUsers, needsRoot)
  const marks = [markOf(), markOf()]
  const [first, second] = await Promise.all(marks.map((mark) => strays(mark, 'shared')))
  if (!first || !second) throw new Error('a pod is missing')
  for (const pod of [first, second]) await untilLog(machine, pod, 'up')
  for (const mark of marks) await expect.poll(() => processesWith(mark), patience).toHaveLength(1)
  await removePod(machine, first)
  expect(marks.flatMap(processesWith)).toHaveLength(2)
  await machine.objects.delete(refOf(second))
  await machine.untilGone(second)
  expect(marks.flatMap(processesWith)).toEqual([])
})

test.each([
  ['without cgroups', { cgroups: noCgroups }],
  ['with what this machine has', {}],
])('%s one whose main thread has ended ends with its pod as well', async (_, isolation) => {
  const other = await createMachine({ octet: 231, uids, isolation })
  onTestFinished(() => other.close())
  const annotations = { 'planapulse.com/uid': String(uids.first + 2) }
  await other.create({ kind: 'Namespace', metadata: { name: 'threads', annotations } })
  const leave = `setsid env -i /usr/bin/python3 -c '${headless}' &`
  const args = [`${leave} exec sleep 600`]
  const container = { name: 'main', image: 'sh', args }
  const pod = await other.createPod({ containers: [container] }, 'threads')
  await untilLog(other, pod, 'process')
  const pid = Number(/process (\d+)/.exec(other.logOf(pod))?.[1])
  onTestFinished(() => {
    if (isRunning(pid)) process.kill(pid, 'SIGKILL')
  })
  await expect.poll(() => stateWordOf(pid), patience).toBe('Z')
  expect(isRunning(pid)).toBe(true)
  await removePod(other, pod)
  expect(isRunning(pid)).toBe(false)
})

/** A thread of its goes on when its first one has ended: that looks like a zombie. */
const headless = `
import ctypes, os, platform, threading, time
print("process", os.getpid(), flush=True)
threading.Thread(target=time.sleep, args=(600,)).start()
ctypes.CDLL(None).syscall(60 if platform.machine() == "x86_64" else 93, 0)
`

function stateWordOf(pid: number): string | undefined {
  return /^State:\t(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
}

test('processes of a user who may be somebody else’s too are left alone', async ({ skip }) => {
  skip(!machine.isolation.ownUsers, needsRoot)
  const mark = markOf()
  const pod = await strays(mark, 'outside')
  await untilLog(machine, pod, 'up')
  await expect.poll(() => processesWith(mark), patience).toHaveLength(1)
  await removePod(machine, pod)
  expect(processesWith(mark)).toHaveLength(1)
})

test('what was left by pods that are ended with Pulse ends with them', async ({ skip }) => {
  skip(!machine.isolation.ownUsers, needsRoot)
  const mark = markOf()
  await untilLog(machine, await strays(mark, 'own'), 'up')
  await expect.poll(() => processesWith(mark), patience).toHaveLength(1)
  await machine.runner.stop({ keepPods: false })
  expect(processesWith(mark)).toEqual([])
})
