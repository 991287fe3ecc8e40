import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { recordOf } from '@pulse/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { removePod } from './awaited-pods.suite.ts'
import { type Machine, phase, stateOf } from './pod-runner.suite.ts'
import { createTwoMachines, makeClaim, type TwoMachines } from './two-machines.suite.ts'

/** What this machine allows; each test says what holds on the other kind of machine too. */
let machine: Machine
let bare: Machine
let both: TwoMachines
beforeAll(async () => {
  both = await createTwoMachines(209)
  machine = both.machine
  bare = both.bare
})
afterAll(() => both.close())

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
    await removePod(of(), pod)
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
    await removePod(of(), pod)
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
    await removePod(of(), pod)
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
