import { Buffer } from 'node:buffer'
import { existsSync } from 'node:fs'
import { recordOf } from '@pulse/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
let ended: AbortSignal | undefined
beforeAll(async () => {
  machine = await createMachine({
    octet: 203,
    tasks: {
      async run({ args, signal }) {
        ended = signal
        if (args.includes('wait'))
          await new Promise((done) => signal.addEventListener('abort', done))
        return { exitCode: args.includes('fail') ? 3 : 0 }
      },
    },
  })
})
afterAll(() => machine.close())

test('init containers run in order, then the containers; a pod that has done its work has Succeeded', async () => {
  const pod = await machine.createPod({
    restartPolicy: 'Never',
    initContainers: ['first', 'second'].map((name) => ({
      name,
      image: 'sh',
      args: ['echo $NAME >> $PULSE_MOUNT_SHARED/order'],
      volumeMounts: shared(),
      env: [...mountVariable(), { name: 'NAME', value: name }],
    })),
    containers: [
      {
        name: 'main',
        image: 'sh',
        args: ['cat $PULSE_MOUNT_SHARED/order'],
        env: mountVariable(),
        volumeMounts: shared(),
      },
    ],
    volumes: [{ name: 'shared', emptyDir: {} }],
  })
  const done = await machine.until(pod, (now) => phase(now) === 'Succeeded')
  expect(machine.logOf(pod)).toBe('first\nsecond\n')
  expect(stateOf(done).terminated).toMatchObject({ exitCode: 0, reason: 'Completed' })
})

test('a container starts with what its Pod says and nothing of ours', async () => {
  process.env.PULSE_TEST_LEAK = 'leaked'
  await machine.create({
    kind: 'Secret',
    metadata: { name: 'env', namespace: 'one' },
    data: { KEY: base64('sec ret\nline "two" $x') },
  })
  const pod = await machine.createPod({
    restartPolicy: 'Never',
    containers: [
      {
        name: 'main',
        image: 'node',
        args: ['console.log(JSON.stringify([process.env, process.argv.slice(1)]))', 'ip=$(POD_IP)'],
        env: [
          { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          { name: 'KEY', valueFrom: { secretKeyRef: { name: 'env', key: 'KEY' } } },
          { name: 'LD_LIBRARY_PATH', value: '/nowhere' },
        ],
      },
    ],
  })
  const done = await machine.until(pod, (now) => phase(now) === 'Succeeded')
  delete process.env.PULSE_TEST_LEAK
  const [env, args] = JSON.parse(machine.logOf(pod))
  expect(env).toMatchObject({
    POD_IP: podIP(done),
    KEY: 'sec ret\nline "two" $x',
    LD_LIBRARY_PATH: '/nowhere',
    USER: 'tenant',
  })
  expect(Object.keys(env).sort()).toEqual([
    'HOME',
    'HOSTNAME',
    'KEY',
    'LD_LIBRARY_PATH',
    'LOGNAME',
    'PATH',
    'POD_IP',
    'PULSE_START',
    'USER',
  ])
  expect(args).toEqual([`ip=${podIP(done)}`])
})

test('only the log is open in a container, and its input is empty', async () => {
  const script = 'for open in /proc/$$$$/fd/*; do readlink $open; done; true'
  const pod = await machine.createPod({
    restartPolicy: 'Never',
    containers: [{ name: 'main', image: 'sh', args: [script] }],
  })
  await machine.until(pod, (now) => phase(now) === 'Succeeded')
  const [input, output, errors, ...others] = machine.logOf(pod).trim().split('\n')
  expect([input, output, errors]).toEqual(['/dev/null', output, output])
  expect(output).toContain('/main/0.log')
  expect(others.filter((name) => name !== '/dev/null')).toEqual([])
})

test('a container waits for its Secret and starts when it comes', async () => {
  const pod = await machine.createPod({
    restartPolicy: 'Never',
    containers: [
      {
        name: 'main',
        image: 'sh',
        args: ['echo $KEY'],
        env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'late', key: 'KEY' } } }],
      },
    ],
  })
  const waiting = await machine.until(
    pod,
    (now) => recordOf(stateOf(now).waiting).reason === 'CreateContainerConfigError',
  )
  expect(stateOf(waiting).waiting).toMatchObject({ message: 'secret "late" not found' })
  await machine.create({
    kind: 'Secret',
    metadata: { name: 'late', namespace: 'one' },
    data: { KEY: base64('here') },
  })
  await machine.until(pod, (now) => phase(now) === 'Succeeded')
  expect(machine.logOf(pod)).toBe('here\n')
})

test('an unknown image is refused with the names that are known', async () => {
  const pod = await machine.createPod({ containers: [{ name: 'main', image: 'base-99' }] })
  const waiting = await machine.until(
    pod,
    (now) => recordOf(stateOf(now).waiting).reason === 'ErrImagePull',
  )
  expect(stateOf(waiting).waiting).toMatchObject({
    message: 'image "base-99" is not known on this machine; known are: sh, node, task',
  })
  await remove(pod)
})

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
    await Promise.all(pods.map(remove))
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
    await remove(pod)
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
    await remove(pod)
  })
})

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
  await remove(pod)
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
    await remove(pod)
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
  await remove(pod)
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
    await untilLog(pod, 'up\n')
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
    await untilLog(pod, 'up')
    const children = [Number.parseInt(machine.logOf(pod), 10)]
    expect(children.every((pid) => existsSync(`/proc/${pid}`))).toBe(true)
    await remove(pod)
    expect(children.filter(isRunning)).toEqual([])
    expect(processesWith('611')).toEqual([])
  })

  test('a pod that is ending ends sooner when it is deleted with a shorter grace', async () => {
    const pod = await machine.createPod({
      terminationGracePeriodSeconds: 600,
      containers: [{ name: 'main', image: 'sh', args: ['trap "" TERM; echo up; sleep 614'] }],
    })
    await untilLog(pod, 'up')
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

describe('a task', () => {
  test('runs in the task runner, as a Pod with its own status', async () => {
    const pod = await machine.createPod({
      restartPolicy: 'Never',
      containers: [{ name: 'main', image: 'task', args: ['task', 'fail'] }],
    })
    const failed = await machine.until(pod, (now) => phase(now) === 'Failed')
    expect(stateOf(failed).terminated).toMatchObject({ exitCode: 3 })
    await remove(pod)
  })

  test('is aborted when its Pod is deleted', async () => {
    const pod = await machine.createPod({
      restartPolicy: 'Never',
      containers: [{ name: 'main', image: 'task', args: ['wait'] }],
    })
    await machine.until(pod, isReady)
    await remove(pod)
    expect(ended?.aborted).toBe(true)
  })
})

test('a status is written once per change and never without one', async () => {
  const pod = await machine.createPod({
    containers: [{ name: 'main', image: 'sh', args: ['exec sleep 600'] }],
  })
  const ready = await machine.until(pod, isReady)
  const after = await machine.objects.get(refOf(pod))
  expect(after?.metadata.resourceVersion).toBe(ready.metadata.resourceVersion)
  await remove(pod)
})

function refOf(pod: { metadata: { namespace?: string; name: string } }) {
  const { namespace = '', name } = pod.metadata
  return { apiVersion: 'v1', kind: 'Pod', namespace, name }
}

async function remove(pod: Parameters<Machine['untilGone']>[0]) {
  await machine.objects.delete(refOf(pod))
  await machine.untilGone(pod)
}

async function untilLog(pod: Parameters<Machine['logOf']>[0], part: string) {
  await machine.until(pod, (now) => stateOf(now).running !== undefined)
  await expect.poll(() => machine.logOf(pod), { timeout: 10_000 }).toContain(part)
}

function shared() {
  return [{ name: 'shared', mountPath: '/var/pulse-test-shared' }]
}

function mountVariable() {
  return [{ name: 'PULSE_MOUNT_SHARED', value: '/var/pulse-test-shared' }]
}

function base64(text: string) {
  return Buffer.from(text).toString('base64')
}
