import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordOf } from '@pulse/api'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { killedPulse, markOf, specWith } from './killed-pulse.suite.ts'
import {
  createMachine,
  isReady,
  type Machine,
  podFolders,
  podIP,
  processesWith,
  stateOf,
  statusOf,
} from './pod-runner.suite.ts'

const octet = 207
let machine: Machine | undefined
afterEach(() => machine?.close())

test('pods run on when Pulse is killed, and are adopted as they are', async () => {
  const { stateDir, podUid, mark, spec } = await killedPulse({ octet })
  const [before] = processesWith(mark)
  expect(before).toBeDefined()
  const pod = await begin(stateDir, podUid, spec)
  const ready = await current().until(pod, isReady)
  expect(processesWith(mark)).toEqual([before])
  expect(statusOf(ready)).toMatchObject({ restartCount: 0, started: true })
  expect(podIP(ready)).toMatch(/^127\.207\./)

  process.kill(before ?? 0, 'SIGKILL')
  const again = await current().until(
    pod,
    (now) => statusOf(now).restartCount === 1 && isReady(now),
  )
  expect(recordOf(statusOf(again).lastState).terminated).toMatchObject({
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
  })
  expect(processesWith(mark)).toHaveLength(1)
})

test('a pod that has lived through a start of the machine is adopted as any other', async () => {
  machine = await createMachine({ octet })
  const mark = markOf()
  const pod = await machine.createPod(specWith(mark))
  await machine.until(pod, isReady)
  const [before] = processesWith(mark)
  await machine.runner.stop({ keepPods: true })
  const [folder = ''] = podFolders(machine)
  const file = join(machine.stateDir, 'pods', folder, 'pod.json')
  const older = { ...JSON.parse(readFileSync(file, 'utf8')), bootId: 'an older start' }
  const text = JSON.stringify(older)
  writeFileSync(file, text)
  machine.restart()
  // What it has taken over it writes down anew.
  await expect.poll(() => readFileSync(file, 'utf8'), { timeout: 20_000 }).not.toBe(text)
  expect(processesWith(mark)).toEqual([before])
  expect(statusOf(await machine.until(pod, isReady)).restartCount).toBe(0)
})

test('a worker that ended with Pulse has been stopped, and is started again as one that has not crashed', async () => {
  machine = await createMachine({ octet })
  const container = { name: 'main', image: 'sh', args: ['exec sleep 600'] }
  const pod = await machine.createPod({ containers: [container] })
  await machine.until(pod, isReady)
  await machine.runner.stop({ keepPods: false })
  machine.restart()
  const again = await machine.until(pod, (now) => statusOf(now).restartCount === 1 && isReady(now))
  expect(recordOf(statusOf(again).lastState).terminated).toMatchObject({
    exitCode: 143,
    reason: 'Stopped',
  })
})

test('a container that was ready when Pulse ended stays ready until a probe of the next one fails', async () => {
  machine = await createMachine({ octet })
  const folder = mkdtempSync(join(tmpdir(), 'pulse-gate-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  // Probes run as the pod's user.
  chmodSync(folder, 0o777)
  const [gate, probed] = [join(folder, 'gate'), join(folder, 'probed')]
  writeFileSync(gate, '')
  const probe = `echo >> ${probed}; sleep 0.2; test -e ${gate}`
  const container = {
    ...{ name: 'main', image: 'sh', args: ['exec sleep 600'] },
    startupProbe: { exec: { command: ['true'] } },
    readinessProbe: {
      ...{ exec: { command: ['sh', '-c', probe] }, periodSeconds: 1, failureThreshold: 1 },
    },
  }
  const pod = await machine.createPod({ containers: [container] })
  const ready = await machine.until(pod, isReady)
  await machine.runner.stop({ keepPods: true })
  rmSync(probed)

  machine.restart()
  const probes = () => (existsSync(probed) ? readFileSync(probed, 'utf8').length : 0)
  await expect.poll(probes, { timeout: 20_000 }).toBeGreaterThan(1)
  const { apiVersion, kind, metadata } = ready
  const { name, namespace = '', resourceVersion } = metadata
  const adopted = await machine.objects.get({ apiVersion, kind, namespace, name })
  expect(adopted?.metadata.resourceVersion).toBe(resourceVersion)

  rmSync(gate)
  const unready = await machine.until(pod, (now) => !isReady(now))
  expect(statusOf(unready)).toMatchObject({ restartCount: 0, started: true, ready: false })
})

test('a container that was still starting when Pulse was killed goes on starting', async () => {
  const mark = markOf()
  const gate = join(tmpdir(), `pulse-up-${mark}`)
  onTestFinished(() => rmSync(gate, { force: true }))
  const probe = { exec: { command: ['test', '-e', gate] }, periodSeconds: 1 }
  const container = {
    ...{ name: 'main', image: 'sh', args: [`exec sleep ${mark}`] },
    startupProbe: { ...probe, failureThreshold: 30 },
    livenessProbe: { ...probe, failureThreshold: 1 },
  }
  const spec = { containers: [container] }
  const { stateDir, podUid } = await killedPulse({ octet, killAt: 'identify end', spec })
  const pod = await begin(stateDir, podUid, spec)
  const adopted = await current().until(pod, (now) => stateOf(now).running !== undefined)
  expect(statusOf(adopted)).toMatchObject({ started: false, ready: false })
  writeFileSync(gate, '')
  expect(statusOf(await current().until(pod, isReady))).toMatchObject({ restartCount: 0 })
})

test.each([
  'bind begin',
  'bind end',
  'intend begin',
  'intend end',
  'spawn begin',
  'spawn end',
  'identify begin',
  'identify end',
])('killed at "%s", nothing is lost and nothing runs twice', async (killAt) => {
  const { stateDir, podUid, mark, spec } = await killedPulse({ octet, killAt })
  const pod = await begin(stateDir, podUid, spec)
  await current().until(pod, isReady)
  await expect.poll(() => processesWith(mark)).toHaveLength(1)
  await current().objects.delete({
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'one',
    name: pod.metadata.name,
  })
  await current().untilGone(pod)
  expect(processesWith(mark)).toEqual([])
})

test.each(['spawn end', undefined])(
  'killed at "%s", a pod whose object went meanwhile is ended and cleaned up',
  async (killAt) => {
    const { stateDir, mark } = await killedPulse({ octet, killAt })
    machine = await createMachine({ octet, stateDir })
    await machine.runner.ready
    expect(processesWith(mark)).toEqual([])
    expect(podFolders(machine)).toEqual([])
  },
)

test('nothing that Pulse was started with is open in a pod', async () => {
  const { stateDir, mark } = await killedPulse({ octet })
  const [pid] = processesWith(mark)
  const folder = `/proc/${pid}/fd`
  const open = readdirSync(folder).map((name) => readlinkSync(join(folder, name)))
  expect(open.filter((path) => path !== '/dev/null' && !path.endsWith('/0.log'))).toEqual([])
  machine = await createMachine({ octet, stateDir })
  await machine.runner.ready
})

test('pods that are kept outlive a stop; pods that are not are started again by the next Pulse', async () => {
  const mark = markOf()
  machine = await createMachine({ octet })
  const pod = await machine.createPod(specWith(mark))
  await machine.until(pod, isReady)
  // Ready may be told while the launcher has not yet become the program.
  const before = await vi.waitUntil(() => {
    const found = processesWith(mark)
    return found.length > 0 && found
  })
  await machine.runner.stop({ keepPods: true })
  expect(processesWith(mark)).toEqual(before)
  machine.restart()
  await machine.runner.ready
  await machine.runner.stop({ keepPods: false })
  expect(processesWith(mark)).toEqual([])
  machine.restart()
  const again = await machine.until(pod, (now) => statusOf(now).restartCount === 1 && isReady(now))
  await vi.waitFor(() => expect(processesWith(mark)).toHaveLength(1))
  expect(podIP(again)).toMatch(/^127\.207\./)
})

test('a stop waits no longer for a pod that was given more time before', async () => {
  const mark = markOf()
  machine = await createMachine({ octet })
  const pod = await machine.createPod({
    terminationGracePeriodSeconds: 600,
    containers: [{ name: 'main', image: 'sh', args: [`trap "" TERM; sleep ${mark}; true`] }],
  })
  await machine.until(pod, isReady)
  await expect.poll(() => processesWith(mark)).toHaveLength(1)
  const { namespace = '', name } = pod.metadata
  await machine.objects.delete({ apiVersion: 'v1', kind: 'Pod', namespace, name })
  await expect.poll(() => current().notes.map(({ reason }) => reason)).toContain('Killing')
  await machine.runner.stop({ keepPods: false })
  expect(await machine.objects.get({ apiVersion: 'v1', kind: 'Pod', namespace, name })).toBe(
    undefined,
  )
})

function current(): Machine {
  if (!machine) throw new Error('no machine')
  return machine
}

/** A machine over what another has left, with the same Pod in its store. */
async function begin(stateDir: string, podUid: string, spec: object) {
  machine = await createMachine({ octet, stateDir, podUid, isStopped: true })
  const pod = await machine.createPod(spec)
  machine.restart()
  return pod
}
