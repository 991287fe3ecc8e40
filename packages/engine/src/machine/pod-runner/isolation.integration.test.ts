import { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { recordOf } from '@pulse/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noCgroups } from './cgroup.ts'
import {
  conditionOf,
  createMachine,
  isReady,
  type Machine,
  phase,
  stateOf,
  statusOf,
} from './pod-runner.suite.ts'

/** What this machine allows; each test says what holds on the other kind of machine too. */
let machine: Machine
let bare: Machine
beforeAll(async () => {
  // As under the systemd unit: nothing may come to depend on the umask.
  process.umask(0o077)
  machine = await createMachine({ octet: 205 })
  bare = await createMachine({
    octet: 206,
    isolation: { ownUsers: false, ownMounts: false, cgroups: noCgroups },
  })
  for (const { objects: _, create } of [machine, bare]) {
    await create({
      kind: 'Secret',
      metadata: { name: 'keys', namespace: 'one' },
      data: { password: Buffer.from('s3cret').toString('base64') },
    })
    await create({
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'one' },
      data: { 'odoo.conf': '[options]\n', other: 'x' },
    })
  }
})
afterAll(() => Promise.all([machine.close(), bare.close()]))

describe.each([
  ['as far as this machine allows', () => machine],
  ['without root', () => bare],
])('volumes, %s', (_, of) => {
  test('lie where the container looks for them, with the contents and modes asked for', async () => {
    const { stateDir } = of()
    const claim = makeClaim(of(), 'filestore')
    const mounts = [
      { name: 'config', mountPath: '/etc/pulse-test/odoo' },
      { name: 'keys', mountPath: '/var/lib/pulse-test/keys' },
      { name: 'scratch', mountPath: '/var/lib/pulse-test/scratch', subPath: 'inner/most' },
      { name: 'filestore', mountPath: '/mnt/pulse-test' },
    ]
    const pod = await of().createPod({
      restartPolicy: 'Never',
      containers: [
        {
          name: 'main',
          image: 'sh',
          args: [
            [
              'cat $PULSE_MOUNT_CONFIG/main.conf',
              'cat $PULSE_MOUNT_KEYS/password; echo',
              'stat -c %a $PULSE_MOUNT_KEYS/password',
              'echo kept > $PULSE_MOUNT_FILESTORE/kept',
              'echo x > $PULSE_MOUNT_SCRATCH/file && cat $PULSE_MOUNT_SCRATCH/file',
              'cat /etc/hostname > /dev/null && echo $((1 + 1))',
              'umask',
            ].join('\n'),
          ],
          env: mounts.map(({ name, mountPath }) => ({
            name: `PULSE_MOUNT_${name.toUpperCase()}`,
            value: mountPath,
          })),
          volumeMounts: mounts,
        },
      ],
      volumes: [
        {
          name: 'config',
          configMap: { name: 'settings', items: [{ key: 'odoo.conf', path: 'main.conf' }] },
        },
        { name: 'keys', secret: { secretName: 'keys' } },
        { name: 'scratch', emptyDir: {} },
        { name: 'filestore', persistentVolumeClaim: { claimName: 'filestore' } },
      ],
    })
    await of().until(pod, (now) => phase(now) === 'Succeeded')
    expect(of().logOf(pod)).toBe('[options]\ns3cret\n600\nx\n2\n0077\n')
    expect(readFileSync(join(claim, 'kept'), 'utf8')).toBe('kept\n')
    expect(existsSync('/etc/pulse-test')).toBe(false)
    expect(existsSync('/var/lib/pulse-test')).toBe(false)
    expect(existsSync('/mnt/pulse-test')).toBe(false)
    expect(stateDir).toBeTruthy()
  })

  test('of a claim that is not there are waited for', async () => {
    const pod = await of().createPod({
      containers: [
        {
          name: 'main',
          image: 'sh',
          args: ['exec sleep 600'],
          volumeMounts: [{ name: 'v', mountPath: '/mnt/pulse-test' }],
        },
      ],
      volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'absent' } }],
    })
    const waiting = await of().until(
      pod,
      (now) => stateOf(now).waiting !== undefined && 'message' in recordOf(stateOf(now).waiting),
    )
    expect(stateOf(waiting).waiting).toMatchObject({
      message: 'persistentvolumeclaim "absent" not found or not bound yet',
    })
    await remove(of(), pod)
  })

  test.each(['../../..', '/etc', 'a/../../b'])('are not left by subPath %s', async (subPath) => {
    const pod = await of()
      .createPod({
        containers: [
          {
            name: 'main',
            image: 'sh',
            args: ['exec sleep 600'],
            volumeMounts: [{ name: 'v', mountPath: '/mnt/pulse-test', subPath }],
          },
        ],
        volumes: [{ name: 'v', emptyDir: {} }],
      })
      .catch((error: Error) => error)
    if (pod instanceof Error) return expect(pod.message).toContain('subPath')
    const waiting = await of().until(pod, (now) => 'message' in recordOf(stateOf(now).waiting))
    expect(String(recordOf(stateOf(waiting).waiting).message)).toContain('must')
    await remove(of(), pod)
  })

  test('are not left by a link that the tenant has laid', async () => {
    const claim = makeClaim(of(), 'linked')
    symlinkSync('/etc', join(claim, 'way-out'))
    const pod = await of().createPod({
      containers: [
        {
          name: 'main',
          image: 'sh',
          args: ['exec sleep 600'],
          volumeMounts: [{ name: 'v', mountPath: '/mnt/pulse-test', subPath: 'way-out' }],
        },
      ],
      volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'linked' } }],
    })
    const waiting = await of().until(pod, (now) => 'message' in recordOf(stateOf(now).waiting))
    expect(String(recordOf(stateOf(waiting).waiting).message)).toContain('not a folder')
    await remove(of(), pod)
  })
})

test('a place beside the state directory is lent, and what lies in the state directory stays writable', async () => {
  const claim = makeClaim(machine, 'beside')
  const mountPath = join(dirname(machine.stateDir), `pulse-test-${randomUUID()}`, 'data')
  const pod = await machine.createPod({
    restartPolicy: 'Never',
    containers: [
      {
        name: 'main',
        image: 'sh',
        args: ['echo kept > $PULSE_MOUNT_DATA/kept && echo $PULSE_MOUNT_DATA'],
        env: [{ name: 'PULSE_MOUNT_DATA', value: mountPath }],
        volumeMounts: [{ name: 'data', mountPath }],
      },
    ],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'beside' } }],
  })
  await machine.until(pod, (now) => phase(now) === 'Succeeded')
  const place = machine.isolation.ownMounts ? mountPath : claim
  expect(machine.logOf(pod)).toBe(`${place}\n`)
  expect(readFileSync(join(claim, 'kept'), 'utf8')).toBe('kept\n')
  expect(existsSync(dirname(mountPath))).toBe(false)
})

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
    return remove(machine, victim)
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
  await remove(machine, victim)
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

function makeClaim({ stateDir, isolation }: Machine, name: string): string {
  const folder = join(stateDir, 'volumes', 'one', name)
  mkdirSync(join(stateDir, 'volumes', 'one'), { recursive: true, mode: 0o711 })
  mkdirSync(folder, { mode: 0o700 })
  if (isolation.ownUsers) chownSync(folder, 30_001, 30_001)
  return folder
}

async function remove({ objects, untilGone }: Machine, pod: Parameters<Machine['untilGone']>[0]) {
  const { namespace = '', name } = pod.metadata
  await objects.delete({ apiVersion: 'v1', kind: 'Pod', namespace, name })
  await untilGone(pod)
}
