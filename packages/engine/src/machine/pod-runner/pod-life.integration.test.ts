import { existsSync } from 'node:fs'
import { recordOf, refOf } from '@pulse/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { removePod, untilLog } from './awaited-pods.suite.ts'
import {
  createMachine,
  isReady,
  isRunning,
  type Machine,
  phase,
  podFolders,
  podIP,
  processesWith,
  stateOf,
  statusOf,
} from './pod-runner.suite.ts'

let machine: Machine
beforeAll(async () => {
  machine = await createMachine({ octet: 211 })
})
afterAll(() => machine.close())

describe('probes', () => {
  const server = `require('http').createServer((q, s) => { s.statusCode = q.headers.host === 'acme' && q.url === '/ok' ? 200 : 500; s.end() }).listen(8080, process.env.POD_IP)`
  const env = [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }]
  const httpGet = { path: '/ok', port: 'http', httpHeaders: [{ name: 'Host', value: 'acme' }] }

  test('a pod is ready when its probes pass, each pod at its own address', async () => {
    const spec = {
      containers: [
        {
          name: 'main',
          image: 'node',
          args: [server],
          env,
          ports: [{ name: 'http', containerPort: 8080 }],
          startupProbe: { httpGet, periodSeconds: 1, failureThreshold: 30 },
          readinessProbe: { tcpSocket: { port: 'http' } },
          livenessProbe: {
            exec: { command: ['sh', '-c', 'test -n "$POD_IP"'] },
            timeoutSeconds: 5,
          },
        },
      ],
    }
    const pods = await Promise.all([machine.createPod(spec), machine.createPod(spec)])
    const ready = await Promise.all(pods.map((pod) => machine.until(pod, isReady)))
    expect(new Set(ready.map(podIP)).size).toBe(2)
    expect(ready.map((pod) => statusOf(pod))).toMatchObject([
      { started: true, ready: true, restartCount: 0 },
      { started: true },
    ])
    await Promise.all(pods.map((pod) => removePod(machine, pod)))
  })

  test('a pod that stops answering its readiness probe is not ready, and runs on', async () => {
    const flip = `const net = require('net'); const s = net.createServer((c) => { c.destroy(); s.close() }).listen(8081, process.env.POD_IP); setInterval(() => {}, 1000)`
    const pod = await machine.createPod({
      containers: [
        {
          name: 'main',
          image: 'node',
          args: [flip],
          env,
          readinessProbe: { tcpSocket: { port: 8081 }, periodSeconds: 1, failureThreshold: 1 },
        },
      ],
    })
    await machine.until(pod, isReady)
    const unready = await machine.until(pod, (now) => !isReady(now))
    expect(statusOf(unready)).toMatchObject({ ready: false, started: true, restartCount: 0 })
    expect(stateOf(unready).running).toBeDefined()
    await removePod(machine, pod)
  })

  test.each([
    ['livenessProbe', {}],
    ['startupProbe', { failureThreshold: 1, periodSeconds: 1 }],
  ])('a failing %s starts the container anew', async (probe, thresholds) => {
    const pod = await machine.createPod({
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'main',
          image: 'sh',
          args: ['sleep 600'],
          [probe]: {
            exec: { command: ['false'] },
            periodSeconds: 1,
            failureThreshold: 1,
            ...thresholds,
          },
        },
      ],
    })
    const again = await machine.until(pod, (now) => statusOf(now).restartCount === 1)
    expect(recordOf(statusOf(again).lastState).terminated).toMatchObject({ exitCode: 143 })
    await removePod(machine, pod)
  })
})

test.each(['startupProbe', 'livenessProbe'])(
  'who hangs by its %s is given the time of that probe to end, not the pod’s',
  async (probe) => {
    const failing = { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 1 }
    // Asked to end in its first moment, the shell would not have closed its ears yet.
    const later = { initialDelaySeconds: 3, terminationGracePeriodSeconds: 1 }
    const pod = await machine.createPod({
      terminationGracePeriodSeconds: 600,
      containers: [
        {
          name: 'main',
          image: 'sh',
          args: ['trap "" TERM; while :; do sleep 0.05; done'],
          [probe]: { ...failing, ...later },
        },
      ],
    })
    const again = await machine.until(pod, (now) => statusOf(now).restartCount === 1)
    expect(recordOf(statusOf(again).lastState).terminated).toMatchObject({ exitCode: 137 })
    await machine.objects.delete(refOf(pod), { gracePeriodSeconds: 1 })
    await machine.untilGone(pod)
  },
)

test('a crash is told with its last words, the first restart is at once and the second waits', async () => {
  const pod = await machine.createPod({
    containers: [{ name: 'main', image: 'sh', args: ['echo Traceback; echo boom >&2; exit 7'] }],
  })
  const waiting = await machine.until(
    pod,
    (now) => recordOf(stateOf(now).waiting).reason === 'CrashLoopBackOff',
  )
  expect(phase(waiting)).toBe('Running')
  expect(statusOf(waiting)).toMatchObject({
    restartCount: 1,
    state: {
      waiting: { message: 'back-off 10s restarting failed container=main: Traceback\nboom' },
    },
    lastState: { terminated: { exitCode: 7, reason: 'Error', message: 'Traceback\nboom' } },
  })
  await removePod(machine, pod)
})

test.each([
  ['Never', 'Failed'],
  ['OnFailure', 'Running'],
])(
  'with restart policy %s a failed container makes the pod %s',
  async (restartPolicy, expected) => {
    const pod = await machine.createPod({
      restartPolicy,
      containers: [{ name: 'main', image: 'sh', args: ['exit 3'] }],
    })
    const seen = await machine.until(
      pod,
      (now) =>
        stateOf(now).terminated !== undefined ||
        recordOf(stateOf(now).waiting).reason === 'CrashLoopBackOff',
    )
    expect(phase(seen)).toBe(expected)
    await removePod(machine, pod)
  },
)

test('a pod that outlives its deadline fails with it', async () => {
  const pod = await machine.createPod({
    activeDeadlineSeconds: 1,
    containers: [{ name: 'main', image: 'sh', args: ['exec sleep 600'] }],
  })
  const failed = await machine.until(
    pod,
    (now) => phase(now) === 'Failed' && stateOf(now).terminated !== undefined,
  )
  expect(failed.status).toMatchObject({ reason: 'DeadlineExceeded' })
  await removePod(machine, pod)
})

describe('the end of a pod', () => {
  test('preStop, then SIGTERM; then object, folder and address are gone', async () => {
    const script = 'trap "echo term; exit 0" TERM; echo up; while :; do sleep 0.05; done'
    const pod = await machine.createPod({
      containers: [
        {
          name: 'main',
          image: 'sh',
          args: [script],
          lifecycle: { preStop: { exec: { command: ['sh', '-c', 'echo stopping > $HOME/hook'] } } },
        },
      ],
    })
    const running = await machine.until(pod, isReady)
    await untilLog(machine, pod, 'up\n')
    const log = await machine.runner.openLog(
      { pod, container: 'main', previous: false, follow: true },
      AbortSignal.timeout(20_000),
    )
    let text = ''
    const reading = (async () => {
      for await (const chunk of log) text += chunk
    })()
    await machine.objects.delete(refOf(pod))
    await machine.untilGone(pod)
    await reading
    expect(text).toBe('up\nterm\n')
    expect(podFolders(machine)).not.toContain(pod.metadata.uid)
    expect(existsSync(`/dev/shm/${podIP(running)}`)).toBe(false)
  })

  test('who ignores SIGTERM is killed after the grace, with all that left its session', async () => {
    const script =
      'trap "" TERM; setsid sleep 611 & sleep 612 & echo $! up; while :; do sleep 0.05; done'
    const pod = await machine.createPod({
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: 'sh', args: [script] }],
    })
    await untilLog(machine, pod, 'up')
    const children = [Number.parseInt(machine.logOf(pod), 10)]
    expect(children.every((pid) => existsSync(`/proc/${pid}`))).toBe(true)
    await removePod(machine, pod)
    expect(children.filter(isRunning)).toEqual([])
    expect(processesWith('611')).toEqual([])
  })

  test('a pod that is ending ends sooner when it is deleted with a shorter grace', async () => {
    const pod = await machine.createPod({
      terminationGracePeriodSeconds: 600,
      containers: [{ name: 'main', image: 'sh', args: ['trap "" TERM; echo up; sleep 614'] }],
    })
    await untilLog(machine, pod, 'up')
    await machine.objects.delete(refOf(pod))
    await expect.poll(() => machine.notes.some(({ reason }) => reason === 'Killing')).toBe(true)
    await machine.objects.delete(refOf(pod), { gracePeriodSeconds: 1 })
    await machine.untilGone(pod)
    expect(processesWith('614')).toEqual([])
  })

  test('a pod whose object was torn away ends all the same', async () => {
    const pod = await machine.createPod({
      containers: [{ name: 'main', image: 'sh', args: ['exec sleep 613'] }],
    })
    await machine.until(pod, isReady)
    await machine.objects.patch(
      refOf(pod),
      { type: 'merge', patch: { metadata: { finalizers: null } } },
      { fieldManager: 'test' },
    )
    await machine.objects.delete(refOf(pod))
    await expect.poll(() => processesWith('613'), { timeout: 10_000 }).toEqual([])
    await expect.poll(() => podFolders(machine)).not.toContain(pod.metadata.uid)
  })
})
