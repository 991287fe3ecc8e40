import { existsSync, readFileSync, rmSync } from 'node:fs'
import { type KubeObject, recordOf } from '@pulse/api'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { type ForkParent, startForkParent } from './fork-parent.suite.ts'
import type { ForkServer } from './fork-server.ts'
import { killedPulse, markOf, specWith } from './killed-pulse.suite.ts'
import {
  createMachine,
  isReady,
  type Machine,
  type MachineOptions,
  makeStateDir,
  phase,
  processesWith,
  stateOf,
  statusOf,
} from './pod-runner.suite.ts'

const octet = 208
let stateDir: string
let parent: ForkParent
let machine: Machine | undefined
beforeEach(async () => {
  stateDir = makeStateDir()
  parent = await startForkParent(stateDir)
})
afterEach(async () => {
  await machine?.close()
  await parent.kill()
  rmSync(stateDir, { recursive: true, force: true })
})

test('a container of an image that forks is a fork, confined and equipped as a plainly started one', async () => {
  const created = await begin({})
  const limits = 'grep -E "^Max (processes|core file size)" /proc/self/limits'
  const script = `echo PPid:$PPID; id -u; cat /var/pulse-fork/key; echo; ${limits}; exit 7`
  const spec = (image: string) => ({
    restartPolicy: 'Never',
    containers: [
      {
        ...{ name: 'main', image, args: [script] },
        env: [{ name: 'GREETING', value: 'good day' }],
        volumeMounts: [{ name: 'keys', mountPath: '/var/pulse-fork' }],
      },
    ],
    volumes: [{ name: 'keys', configMap: { name: 'keys' } }],
  })
  await created.create({
    kind: 'ConfigMap',
    metadata: { name: 'keys', namespace: 'one' },
    data: { key: 'of the volume' },
  })
  const pods = await Promise.all([created.createPod(spec('forked')), created.createPod(spec('sh'))])
  const [forked, plain] = await Promise.all(
    pods.map((pod) => created.until(pod, (now) => phase(now) === 'Failed')),
  )
  if (!forked || !plain) throw new Error('a pod is missing')
  const { isolation } = created
  const [parentOfFork, ...rest] = created.logOf(forked).split('\n')
  const [parentOfPlain, ...expected] = created.logOf(plain).split('\n')
  expect(parentOfFork).toBe(`PPid:${parent.pid}`)
  expect(parentOfPlain).toBe(`PPid:${process.pid}`)
  expect(rest).toEqual(expected)
  if (isolation.ownMounts) expect(rest.slice(0, 2)).toEqual(['30001', 'of the volume'])
  if (isolation.ownUsers) expect(rest.join()).toMatch(/Max processes +4096 +4096 /)
  expect(stateOf(forked).terminated).toMatchObject({ exitCode: 7, reason: 'Error' })
  expect(created.notes.map(({ reason }) => reason)).not.toContain('ForkUnavailable')
})

test('a command beside a fork has the variables and the mounts of its container', async () => {
  const created = await begin({})
  const pod = await created.createPod({
    containers: [
      {
        ...{ name: 'main', image: 'forked', args: ['exec sleep 600'] },
        env: [{ name: 'ANSWER', value: '42' }],
        startupProbe: { exec: { command: ['sh', '-c', 'test "$ANSWER" = 42'] } },
      },
    ],
  })
  expect(statusOf(await created.until(pod, isReady))).toMatchObject({ started: true })
})

test.each([
  'intend begin',
  'intend end',
  'spawn begin',
  'fork sent',
  'spawn end',
  'identify begin',
  'identify end',
])('Pulse killed at "%s" of a fork, nothing is lost and nothing runs twice', async (killAt) => {
  const mark = markOf()
  const spec = specWith(mark, 'forked')
  const killed = await killedPulse({ octet, killAt, spec })
  const created = await begin({ ...killed, isStopped: true })
  const pod = await created.createPod(spec)
  created.restart()
  await created.until(pod, isReady)
  await expect.poll(() => processesWith(mark)).toHaveLength(1)
  const { namespace = '', name } = pod.metadata
  await created.objects.delete({ apiVersion: 'v1', kind: 'Pod', namespace, name })
  await created.untilGone(pod)
  expect(processesWith(mark)).toEqual([])
})

test('a fork lives on when its parent is killed; how it ends later nobody knows', async () => {
  const created = await begin({})
  const mark = markOf()
  const pod = await created.createPod(specWith(mark, 'forked'))
  expect(saysForked(await created.until(pod, isReady))).toBe(true)
  const [pid = 0] = await untilOne(mark)
  await parent.kill()
  expect(processesWith(mark)).toEqual([pid])
  process.kill(pid, 'SIGKILL')
  // The parent is gone, so the next one is started plainly.
  const again = await created.until(pod, (now) => statusOf(now).restartCount === 1 && isReady(now))
  const { terminated } = recordOf(statusOf(again).lastState)
  expect(terminated).toMatchObject({ exitCode: 137, reason: 'ContainerStatusUnknown' })
  expect(saysForked(again)).toBe(false)
  expect(await untilOne(mark)).toHaveLength(1)
})

test('where no parent answers a container is started plainly, once, and says why', async () => {
  const created = await begin({})
  await parent.kill()
  const mark = markOf()
  const pod = await created.createPod(specWith(mark, 'forked'))
  const ready = await created.until(pod, isReady)
  expect(statusOf(ready)).toMatchObject({ restartCount: 0 })
  expect(await untilOne(mark)).toHaveLength(1)
  expect(created.notes).toContainEqual({
    type: 'Warning',
    reason: 'ForkUnavailable',
    message: expect.stringMatching(/^started plainly \(ForkFailed\): cannot fork: /),
  })
})

test('a parent killed in the middle of a fork leaves one process, whoever started it', async () => {
  const killing: ForkServer = {
    problem: () => undefined,
    fork(request, signal) {
      const forked = parent.fork(request, signal)
      setImmediate(() => void parent.kill())
      return forked
    },
  }
  const created = await begin({ fork: killing })
  const mark = markOf()
  const pod = await created.createPod(specWith(mark, 'forked'))
  await created.until(pod, isReady)
  expect(await untilOne(mark)).toHaveLength(1)
})

test('a problem that lasts is told on the Pod, one that passes is not', async () => {
  const fork: ForkServer = {
    problem: () => ({ reason: 'ParentFailed', message: 'ended with code 1', isPassing }),
    fork: () => Promise.reject(new Error('not asked')),
  }
  let isPassing = true
  const created = await begin({ fork })
  const told = () => created.notes.filter(({ reason }) => reason === 'ForkUnavailable')
  const spec = {
    restartPolicy: 'Never',
    containers: [{ name: 'main', image: 'forked', args: ['true'] }],
  }
  const quiet = await created.createPod(spec)
  await created.until(quiet, (now) => phase(now) === 'Succeeded')
  expect(told()).toEqual([])
  isPassing = false
  const loud = await created.createPod(spec)
  await created.until(loud, (now) => phase(now) === 'Succeeded')
  expect(told()).toEqual([
    {
      type: 'Warning',
      reason: 'ForkUnavailable',
      message: 'started plainly (ParentFailed): ended with code 1',
    },
  ])
})

test('a container with an entrypoint of its own is not forked from what another has loaded', async () => {
  const fork: ForkServer = {
    problem: () => undefined,
    fork: () => Promise.reject(new Error('not asked')),
  }
  const created = await begin({ fork })
  const pod = await created.createPod({
    restartPolicy: 'Never',
    containers: [{ name: 'main', image: 'forked', command: ['true'] }],
  })
  await created.until(pod, (now) => phase(now) === 'Succeeded')
  expect(created.notes.map(({ reason }) => reason)).not.toContain('ForkUnavailable')
})

test('no secret of a container stands in the environment or on the command line of the parent', async () => {
  const created = await begin({})
  const env = [{ name: 'PASSWORD', value: 'hunter2' }]
  const main = { name: 'main', image: 'forked', args: ['true'], env }
  for (let count = 0; count < 3; count += 1) {
    const pod = await created.createPod({ restartPolicy: 'Never', containers: [main] })
    await created.until(pod, (now) => phase(now) === 'Succeeded')
  }
  for (const file of ['environ', 'cmdline']) {
    expect(readFileSync(`/proc/${parent.pid}/${file}`, 'utf8')).not.toContain('hunter2')
  }
})

async function begin(options: Partial<MachineOptions>): Promise<Machine> {
  machine = await createMachine({ stateDir, fork: parent, ...options, octet })
  return machine
}

async function untilOne(mark: string): Promise<number[]> {
  await expect.poll(() => processesWith(mark)).toHaveLength(1)
  return processesWith(mark)
}

function saysForked(pod: KubeObject): boolean {
  return /"type":"Forked","status":"True"/.test(JSON.stringify(pod.status))
}

test.for(['forked', 'sh'])(
  'the shared memory of a container (image %s) is its own, bounded, and serves Python',
  async (image, { skip }) => {
    const created = await begin({})
    skip(!created.isolation.ownSharedMemory, 'only root can mount one')
    const name = `pulse-test-${markOf()}`
    const path = `/dev/shm/${name}`
    onTestFinished(() => {
      for (const one of [path, `${path}.d`]) rmSync(one, { recursive: true, force: true })
    })
    const python = [
      'import multiprocessing as m, os',
      'q = m.Queue(); p = m.Process(target=q.put, args=(m.Lock().acquire(),)); p.start()',
      'print(q.get()); p.join()',
      'print(sorted(os.listdir("/dev/shm")))',
    ].join('\n')
    const script = [
      `/usr/bin/python3 -c '${python}'`,
      `head -c 18000000 /dev/zero > ${path} 2> /dev/null || wc -c < ${path}`,
      `mkdir ${path}.d; i=0`,
      `while [ $i -lt 8000 ] && true 2> /dev/null > ${path}.d/$i; do i=$((i+1)); done`,
      'test $i -lt 8000 && echo "no more files"',
    ].join('; ')
    const limits = { memory: '32Mi' }
    const pod = await created.createPod({
      restartPolicy: 'Never',
      containers: [{ name: 'main', image, args: [script], resources: { limits } }],
    })
    await created.until(pod, (now) => ['Succeeded', 'Failed'].includes(String(phase(now))))
    expect(created.logOf(pod)).toBe('True\n[]\n16777216\nno more files\n')
    expect(existsSync(path)).toBe(false)
  },
)
