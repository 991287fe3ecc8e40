import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, statfs, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { findCondition } from '../commands/conditions.ts'
import { type PulseUnderTest, pulseOfTest } from './pulse-under-test.suite.ts'
import { createTenant, visit } from './tenant.suite.ts'
import { logIn, read, tenant, untilReady, untilTemplatesReady } from './tenants-under-test.suite.ts'

const run = promisify(execFile)
const patience = { timeout: 30_000, interval: 100 }
const mountRefusal = await run('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt']).then(
  () => undefined,
  () => 'no disk can be mounted here',
)

async function makeStateDirectory(): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'pulse-full-'))
  await run('chmod', ['711', place])
  onTestFinished(() => rm(place, { recursive: true, force: true }))
  const stateDir = join(place, 'state')
  await mkdir(stateDir, { mode: 0o711 })
  return stateDir
}

/** A disk of its own for this part of the state. */
async function mountDisk(folder: string): Promise<string> {
  await mkdir(folder, { mode: 0o711 })
  await run('mount', ['-t', 'tmpfs', '-o', 'size=160m,mode=711', 'tmpfs', folder])
  onTestFinished(() => unmount(folder))
  return folder
}

async function unmount(folder: string) {
  await run('umount', ['--lazy', folder]).catch(() => undefined)
}

/** To the last byte. */
async function fill(folder: string): Promise<string> {
  const { bavail, bsize } = await statfs(folder)
  const ballast = join(folder, 'ballast')
  await run('fallocate', ['-l', String(bavail * bsize), ballast])
  return ballast
}

async function readiness(pulse: PulseUnderTest): Promise<string> {
  const { metrics } = (await pulse.running()) ?? {}
  return await (await fetch(`${metrics}/readyz?verbose`)).text()
}

test.skipIf(mountRefusal !== undefined)(
  `while the disks of logs and of filestores are full this is told, who lives is served, and what waits goes on when there is room (${mountRefusal ?? 'they can be mounted'})`,
  async () => {
    const stateDir = await makeStateDirectory()
    const disks = [
      await mountDisk(join(stateDir, 'pods')),
      await mountDisk(join(stateDir, 'volumes')),
    ]
    const pulse = await pulseOfTest({ stateDir })
    // What is mounted cannot be removed with the folder.
    for (const disk of disks) onTestFinished(() => unmount(disk))
    onTestFinished(async () => void (await pulse.stop()), 60_000)
    const objects = await pulse.objects()
    const node = { apiVersion: 'v1', kind: 'Node', name: 'pulse' }
    const pressure = async () => {
      const found = await read(objects, node)
      return found === 'no answer' ? undefined : findCondition(found, 'DiskPressure')
    }
    await untilTemplatesReady(objects)
    await createTenant(pulse, 'acme', '--tier', 'pro', '--hosting', 'instance')
    const acme = await visit(pulse, 'acme.localhost')
    expect(await readiness(pulse)).toContain('[+]disks ok')

    const ballast = await Promise.all(disks.map(fill))
    await expect.poll(pressure, patience).toMatchObject({ status: 'True', reason: 'DiskFull' })
    const { problems } = JSON.parse((await pulse.pulse('status', '-o', 'json')).stdout)
    const told = { 'logs of tenants': 'pods', filestores: 'volumes' }
    for (const [part, folder] of Object.entries(told)) {
      const words = `the disk of ${part} (${join(stateDir, folder)}) is full`
      expect(problems).toContainEqual(expect.stringContaining(words))
    }
    expect(await readiness(pulse)).toContain('[-]disks failed')
    const events = await pulse.pulse('get', 'events', '-A')
    expect(events.stdout).toContain('DiskFull')

    for (let requests = 0; requests < 20; requests += 1) {
      expect(await acme.get('/web/login')).toMatchObject({ status: 200 })
    }
    await objects.create(tenant('squeezed', { hosting: 'instance' }), { fieldManager: 'test' })
    for (const file of ballast) await rm(file)
    await expect.poll(pressure, patience).toMatchObject({ status: 'False', reason: 'HasRoom' })
    await untilReady(objects, 'squeezed')
    expect(await logIn(pulse, objects, 'squeezed')).toMatch(/^\d+$/)
    expect(await readiness(pulse)).toContain('[+]disks ok')
  },
)

test('where the disk of its own logs is full, Pulse starts, serves and stops', async () => {
  const stateDir = await makeStateDirectory()
  await symlink('/dev/full', join(stateDir, 'pulse.log'))
  const first = await pulseOfTest({ stateDir, args: ['--log-to', 'file'], stderrTo: '/dev/full' })
  await createTenant(first, 'acme', '--tier', 'pro', '--hosting', 'instance')
  expect(await first.stop()).toBe(0)
  const second = await pulseOfTest({ stateDir, stderrTo: '/dev/full' })
  const acme = await visit(second, 'acme.localhost')
  expect(await acme.get('/web/login')).toMatchObject({ status: 200 })
  expect(await second.stop()).toBe(0)
})
