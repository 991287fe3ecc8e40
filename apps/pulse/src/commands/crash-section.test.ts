import type { KubeObject } from '@pulse/api'
import { expect, test } from 'vitest'
import { crashLines, readCrashes } from './crash-section.ts'
import { createTestCommand } from './pulse-command.suite.ts'

const write = { fieldManager: 'test' }
const now = new Date('2026-01-05T12:00:00Z')
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString()
const ended = (message: string, finishedAt = ago(2)) => ({
  terminated: { exitCode: 1, reason: 'Error', startedAt: ago(3), finishedAt, message },
})
const waiting = { waiting: { reason: 'CrashLoopBackOff' } }
const running = { running: { startedAt: ago(1) } }

const meant = {
  apiVersion: 'planapulse.com/v1alpha1',
  kind: 'TenantEnvironment',
  name: 'acme-prod',
  client: 'acme',
} as const

test('a worker of its pool that crashes is told of with the last lines of its log', async () => {
  const site = await openSite('pool')
  await site.pod('worker-odoo-a', { state: waiting, lastState: ended('Traceback\n  boom\n') })
  expect(await site.lines()).toEqual([
    'pod/worker-odoo-a (odoo): Error, exit code 1, 2m ago, restarts: 4',
    '  Traceback',
    '    boom',
  ])
  await site.command.pulse('describe', 'planaclient', 'acme')
  expect(site.command.written.out).toMatch(
    /Crashes:\n {2}pod\/worker-odoo-a \(odoo\): Error, exit code 1, .*\n {4}Traceback\n {6}boom\n/,
  )
})

test('an instance is told of by its own workers, also between two tries', async () => {
  const site = await openSite('instance')
  await site.pod('odoo-acme-a', { state: ended('no room'), lastState: {} })
  expect(await site.lines()).toEqual([
    'pod/odoo-acme-a (odoo): Error, exit code 1, 2m ago, restarts: 4',
    '  no room',
  ])
})

test('whoever serves again is told of for an hour, and whoever has ended well is not', async () => {
  const site = await openSite('pool')
  const ready = { state: running, ready: true }
  await site.pod('worker-odoo-a', { ...ready, lastState: ended('lately', ago(59)) })
  await site.pod('worker-odoo-b', { ...ready, lastState: ended('long ago', ago(61)) })
  await site.pod('worker-odoo-c', { ...ready, lastState: {} })
  await site.pod('worker-odoo-d', {
    state: { terminated: { exitCode: 0, finishedAt: ago(1) } },
    lastState: {},
  })
  expect((await site.crashes()).map(({ words }) => words)).toEqual([['lately']])
})

test('whoever was asked to end has not crashed', async () => {
  const site = await openSite('pool')
  const terminated = { exitCode: 143, reason: 'Stopped', finishedAt: ago(1) }
  await site.pod('worker-odoo-a', { state: running, ready: true, lastState: { terminated } })
  expect(await site.crashes()).toEqual([])
})

test('the newest crashes are told of, each with the end of its log alone', async () => {
  const site = await openSite('pool')
  for (const minutes of [5, 1, 4, 2]) {
    const log = Array.from({ length: 30 }, (_, line) => `line ${line}`).join('\n')
    const lastState = ended(log, ago(minutes))
    await site.pod(`worker-odoo-${minutes}`, { state: waiting, lastState })
  }
  const crashes = await site.crashes()
  expect(crashes.map(({ pod }) => pod)).toEqual(['worker-odoo-1', 'worker-odoo-2', 'worker-odoo-4'])
  expect(crashes[0]?.words).toHaveLength(10)
  expect(crashes[0]?.words.at(-1)).toBe('line 29')
})

test('what a tenant has written into the log moves nothing on the terminal', async () => {
  const site = await openSite('pool')
  const lastState = ended('a\u001b[2Jb\u0007\u009bc\r\n\u202ed\te')
  await site.pod('worker-odoo-a', { state: waiting, lastState })
  expect((await site.crashes())[0]?.words).toEqual(['a[2Jbc', 'd  e'])
})

test('of workers that are well, or are not there, nothing is told', async () => {
  const site = await openSite('pool')
  expect(await site.crashes()).toEqual([])
  await site.command.pulse('describe', 'planaclient', 'acme')
  expect(site.command.written.out).not.toContain('Crashes')
  const [gone] = [{ ...meant, name: 'gone-prod' }]
  expect(await readCrashes(site.command.cluster, gone, now)).toEqual([])
})

/** A tenant and its workers, which have no pods yet. */
async function openSite(hosting: 'pool' | 'instance') {
  const command = createTestCommand()
  const isPool = hosting === 'pool'
  const namespace = isPool ? 'plana-odoo-18' : 'instance-acme'
  const labels = { app: isPool ? 'worker-odoo' : 'odoo' }
  const spec = { containers: [{ name: 'odoo', image: 'base-18' }] }
  const create = (object: KubeObject) => command.store.create(object, write)
  const { apiVersion, kind, name, client } = meant
  await create({
    apiVersion,
    kind: 'PLANAClient',
    metadata: { name: client },
    spec: { subdomain: client, projectId: 1, ownerEmail: 'a@acme.example', ownerName: 'Acme' },
  })
  await create({
    apiVersion,
    kind,
    metadata: { name },
    spec: { client, name: 'prod', odooVersion: '18', hosting },
  })
  await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  await create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: isPool ? 'worker-odoo' : 'odoo-acme', namespace },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  })
  const crashes = () => readCrashes(command.cluster, meant, now)
  return {
    command,
    crashes,
    lines: async () => crashLines(await crashes(), now),
    async pod(podName: string, container: Readonly<Record<string, unknown>>) {
      const metadata = { name: podName, namespace, labels }
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec }
      await create(pod)
      const status = {
        containerStatuses: [{ name: 'odoo', restartCount: 4, ready: false, ...container }],
      }
      await command.store.patch(
        { apiVersion: 'v1', kind: 'Pod', namespace, name: podName },
        { type: 'merge', patch: { status } },
        { ...write, subresource: 'status' },
      )
    },
  }
}
