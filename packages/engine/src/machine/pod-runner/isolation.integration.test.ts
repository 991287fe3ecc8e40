import { Buffer } from 'node:buffer'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordOf } from '@pulse/api'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { removePod, untilLog } from './awaited-pods.suite.ts'
import {
  conditionOf,
  createMachine,
  isReady,
  type Machine,
  phase,
  stateOf,
  statusOf,
} from './pod-runner.suite.ts'
import { createTwoMachines, makeClaim, type TwoMachines } from './two-machines.suite.ts'

/** What this machine allows; each test says what holds on the other kind of machine too. */
let machine: Machine
let bare: Machine
let both: TwoMachines
beforeAll(async () => {
  both = await createTwoMachines(205)
  machine = both.machine
  bare = both.bare
})
afterAll(() => both.close())

test('each namespace has its own user, without groups or a way to more rights; else the pod says that it is shared', async () => {
  const script =
    'id -u; id -g; grep -E "^(Groups|NoNewPrivs|CapEff)" /proc/self/status | tr -d "\\t "'
  const pod = await machine.createPod(
    { restartPolicy: 'Never', containers: [{ name: 'main', image: 'sh', args: [script] }] },
    'two',
  )
  const done = await machine.until(pod, (now) => phase(now) === 'Succeeded')
  if (!machine.isolation.ownUsers) {
    expect(conditionOf(done, 'Isolated')).toMatchObject({ status: 'False', reason: 'SharedUser' })
    return
  }
  expect(machine.logOf(pod)).toBe(
    '30002\n30002\nGroups:\nNoNewPrivs:1\nCapEff:0000000000000000\n'.replace(
      /(Groups:.*)\n(NoNew.*)\n(Cap.*)\n/,
      '$1\n$3\n$2\n',
    ),
  )
  expect(conditionOf(done, 'Isolated')).toMatchObject({ status: 'False', reason: 'NoNftables' })
})

test("no tenant reads another's Secret, log, environment or claim; without own users the pod says so", async () => {
  const claim = makeClaim(machine, 'private')
  writeFileSync(join(claim, 'file'), 'private')
  const victim = await machine.createPod({
    containers: [
      {
        name: 'main',
        image: 'sh',
        args: ['echo visible; exec sleep 600'],
        env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'keys', key: 'password' } } }],
        volumeMounts: [{ name: 'keys', mountPath: '/mnt/keys' }],
      },
    ],
    volumes: [{ name: 'keys', secret: { secretName: 'keys' } }],
  })
  const ready = await machine.until(victim, isReady)
  if (!machine.isolation.ownUsers) {
    expect(conditionOf(ready, 'Isolated')).toMatchObject({ status: 'False', reason: 'SharedUser' })
    return removePod(machine, victim)
  }
  const uid = victim.metadata.uid ?? ''
  const journal = JSON.parse(readFileSync(join(machine.stateDir, 'pods', uid, 'pod.json'), 'utf8'))
  const { pid } = journal.containers.main.run.process
  const targets = [
    join(journal.secretFolder, 'keys', 'password'),
    join(machine.stateDir, 'pods', uid, 'pod.json'),
    join(machine.stateDir, 'pods', uid, 'logs', 'main', '0.log'),
    `/proc/${pid}/environ`,
    join(claim, 'file'),
  ]
  expect(targets.every((target) => existsSync(target))).toBe(true)
  const script = targets.map((target) => `cat ${target} 2>/dev/null && echo REACHED`).join('\n')
  const spy = await machine.createPod(
    {
      restartPolicy: 'Never',
      containers: [{ name: 'main', image: 'sh', args: [`${script}\necho tried`] }],
    },
    'two',
  )
  await machine.until(spy, (now) => phase(now) === 'Succeeded')
  expect(machine.logOf(spy)).toBe('tried\n')
  expect(statSync(journal.secretFolder).mode & 0o004).toBe(0)
  await removePod(machine, victim)
})

test('no secret stands on a command line while a container starts', async () => {
  const secret = 'hunter2-on-no-command-line'
  await machine.create({
    kind: 'Secret',
    metadata: { name: 'cmd', namespace: 'one' },
    data: { KEY: Buffer.from(secret).toString('base64') },
  })
  const { makeLaunch } = await import('./launch.ts')
  const launch = makeLaunch({
    token: 't',
    gate: '/g',
    cgroups: [],
    mounts: { skeletons: [], binds: [] },
    user: 1,
    workingDir: undefined,
    variables: new Map([['KEY', secret]]),
    command: ['x'],
  })
  expect([launch.file, ...launch.args].join(' ')).not.toContain(secret)
  expect(Object.values(launch.env).join(' ')).toContain(secret)
})

test('who takes more memory than its limit is ended by the kernel and said to be; without cgroups the pod says so', async () => {
  const hog = 'const all = []; for (;;) all.push(Buffer.alloc(8 << 20, 1))'
  const spec = {
    restartPolicy: 'Never',
    containers: [
      {
        name: 'main',
        image: 'node',
        args: [hog],
        resources: { limits: { memory: '96Mi', cpu: '500m' } },
      },
    ],
  }
  if (machine.isolation.cgroups.controllers.includes('memory')) {
    const pod = await machine.createPod(spec)
    const failed = await machine.until(pod, (now) => phase(now) === 'Failed')
    expect(stateOf(failed).terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })
    expect(conditionOf(failed, 'ResourcesEnforced')).toMatchObject({ status: 'True' })
  }
  const modest = {
    ...spec,
    containers: spec.containers.map((container) => ({ ...container, args: ['0'] })),
  }
  const unbounded = await bare.createPod(modest)
  const done = await bare.until(unbounded, (now) => phase(now) === 'Succeeded')
  expect(conditionOf(done, 'ResourcesEnforced')).toMatchObject({
    status: 'False',
    reason: 'NoCgroups',
    message: 'not enforced, as no control group is writable: memory of main, cpu of main',
  })
})

test('a pod in a namespace without a user waits for one', async () => {
  if (!machine.isolation.ownUsers) return
  await machine.create({ kind: 'Namespace', metadata: { name: 'new' } })
  const pod = await machine.createPod(
    { restartPolicy: 'Never', containers: [{ name: 'main', image: 'sh', args: ['id -u'] }] },
    'new',
  )
  await machine.until(pod, (now) => 'message' in recordOf(stateOf(now).waiting))
  const patch = { metadata: { annotations: { 'planapulse.com/uid': '30003' } } }
  await machine.objects.patch(
    { apiVersion: 'v1', kind: 'Namespace', name: 'new' },
    { type: 'merge', patch },
    { fieldManager: 'test' },
  )
  const done = await machine.until(pod, (now) => phase(now) === 'Succeeded')
  expect(machine.logOf(pod)).toBe('30003\n')
  expect(statusOf(done).restartCount).toBe(0)
})

test('what a container has made of its own mounts gives it no rights when a hook is run in them', async () => {
  if (!machine.isolation.ownMounts) return
  const folder = mkdtempSync(join(tmpdir(), 'pulse-swapped-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  chmodSync(folder, 0o755)
  const [evil, told] = [join(folder, 'evil'), join(folder, 'told')]
  const facts = `id -u; grep -E 'NoNewPrivs|CapEff' /proc/self/status`
  writeFileSync(evil, `#!/bin/bash\n{ ${facts}; } >> ${told}\n`)
  writeFileSync(told, '')
  chmodSync(evil, 0o755)
  chmodSync(told, 0o666)
  const swap = `mount --bind ${evil} $(readlink -f /bin/sh) && echo swapped; exec sleep 600`
  const pod = await machine.createPod({
    containers: [
      {
        name: 'main',
        image: 'sh',
        args: [`exec unshare -Urm bash -c '${swap}'`],
        lifecycle: { preStop: { exec: { command: ['true'] } } },
      },
    ],
  })
  await untilLog(machine, pod, 'swapped')
  await removePod(machine, pod)
  expect(readFileSync(told, 'utf8')).toBe('30001\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\n')
})

test('where no shared memory can be mounted a container starts all the same, with the machine’s', async () => {
  if (!machine.isolation.ownMounts) return
  const other = await createMachine({ octet: 231, isolation: { ownSharedMemory: false } })
  onTestFinished(() => other.close())
  const args = ['stat -c %d /dev/shm']
  const containers = [{ name: 'main', image: 'sh', args }]
  const pod = await other.createPod({ restartPolicy: 'Never', containers })
  await other.until(pod, (now) => phase(now) === 'Succeeded')
  expect(other.logOf(pod)).toBe(`${statSync('/dev/shm').dev}\n`)
})

test('processes without end exhaust their own limit: those of others start, and none is left', async () => {
  if (!machine.isolation.ownUsers) return
  // The limit is of the user, wherever on this machine: no other test has this one.
  const [namespace, uid] = ['crowded', 39_205]
  const annotations = { 'planapulse.com/uid': String(uid) }
  await machine.create({ kind: 'Namespace', metadata: { name: namespace, annotations } })
  const loop = 'i=0; while [ $i -lt 5000 ]; do sleep 600 & i=$((i+1)); done; echo unbounded'
  // Some shells end at the first that they cannot have.
  const script = `(${loop}); exec sleep 600`
  const bomb = await machine.createPod(
    { restartPolicy: 'Never', containers: [{ name: 'main', image: 'sh', args: [script] }] },
    namespace,
  )
  await expect.poll(() => machine.logOf(bomb), { timeout: 60_000 }).toMatch(/fork|unbounded/)
  const other = await machine.createPod(
    { restartPolicy: 'Never', containers: [{ name: 'main', image: 'sh', args: ['true & wait'] }] },
    'two',
  )
  await machine.until(other, (now) => phase(now) === 'Succeeded')
  expect(machine.logOf(bomb)).not.toContain('unbounded')
  expect(processesOf(uid).length).toBeGreaterThan(1000)
  await removePod(machine, bomb)
  expect(processesOf(uid)).toEqual([])
})

/** That live: who has ended may wait for a while until somebody looks. */
function processesOf(uid: number): readonly string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isOf(uid, name))
}

function isOf(uid: number, pid: string): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return status.includes(`\nUid:\t${uid}\t`) && !status.includes('\nState:\tZ')
  } catch {
    return false
  }
}
