import { Buffer } from 'node:buffer'
import { recordOf, refOf } from '@pulse/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { removePod } from './awaited-pods.suite.ts'
import { createMachine, isReady, type Machine, phase, podIP, stateOf } from './pod-runner.suite.ts'

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
  await removePod(machine, pod)
})

describe('a task', () => {
  test('runs in the task runner, as a Pod with its own status', async () => {
    const pod = await machine.createPod({
      restartPolicy: 'Never',
      containers: [{ name: 'main', image: 'task', args: ['task', 'fail'] }],
    })
    const failed = await machine.until(pod, (now) => phase(now) === 'Failed')
    expect(stateOf(failed).terminated).toMatchObject({ exitCode: 3 })
    await removePod(machine, pod)
  })

  test('is aborted when its Pod is deleted', async () => {
    const pod = await machine.createPod({
      restartPolicy: 'Never',
      containers: [{ name: 'main', image: 'task', args: ['wait'] }],
    })
    await machine.until(pod, isReady)
    await removePod(machine, pod)
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
  await removePod(machine, pod)
})

function shared() {
  return [{ name: 'shared', mountPath: '/var/pulse-test-shared' }]
}

function mountVariable() {
  return [{ name: 'PULSE_MOUNT_SHARED', value: '/var/pulse-test-shared' }]
}

function base64(text: string) {
  return Buffer.from(text).toString('base64')
}
