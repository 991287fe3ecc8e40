import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { waitUntil } from '../../apps/pulse/src/commands/wait-until.ts'
import type { BenchRow } from './creations.ts'
import { type Bench, isReady, limitMs, until } from './pulse.ts'
import { cpuMsOf, privateMegabytesOf, ticksPerSecond, workerProcessOf } from './worker-process.ts'

const client = {
  apiVersion: 'planapulse.com/v1alpha1',
  kind: 'PLANAClient',
  name: 'waker',
} as const
const pods = { apiVersion: 'v1', kind: 'Pod', namespace: 'instance-waker' } as const

/**
 * How long an instance takes from the start of its process to its first page, and what memory it has to itself then:
 * its pod is deleted, and the next one measured, as often as wanted. Without the gateway and without Kubernetes' part.
 */
export async function measureWakes(bench: Bench, rounds: number): Promise<BenchRow> {
  const { name, ...kind } = client
  const spec = { subdomain: name, projectId: 1, tier: 'pro' }
  const owner = { ownerEmail: 'owner@example.com', ownerName: name }
  await bench.objects.create(
    { ...kind, metadata: { name }, spec: { ...spec, ...owner, settings: { language: 'bg_BG' } } },
    { fieldManager: 'bench' },
  )
  const limits = { timeoutMs: limitMs, signal: new AbortController().signal }
  await waitUntil(bench.objects, client, { ...limits, holds: isReady })
  const page: number[] = []
  const privateMegabytes: number[] = []
  const cpu: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const found = await wake(bench)
    page.push(found.milliseconds)
    privateMegabytes.push(found.privateMegabytes)
    cpu.push(found.cpuMs)
  }
  await bench.objects.delete(client)
  const memory = Math.max(...privateMegabytes)
  // On a busy machine the time says little, and what was computed still says what it said.
  const middle = cpu.toSorted((one, other) => one - other)[Math.floor(rounds / 2)] ?? 0
  return {
    name: `an instance wakes: process start → first page (${middle} ms of CPU, at most ${memory} MB private)`,
    ...{ database: '–', ready: '–', page },
  }
}

async function wake({ objects, stateDir }: Bench) {
  const before = (await objects.list({ ...pods, limit: 10 })).items
  const old = before.map(({ metadata }) => metadata.uid)
  for (const { metadata } of before) await objects.delete({ ...pods, name: metadata.name })
  const { pid, startTicks, address } = await until(
    'a new process',
    async () => {
      const { items } = await objects.list({ ...pods, limit: 10 })
      const next = items.find(({ metadata }) => !old.includes(metadata.uid))
      return next && (await workerProcessOf(stateDir, next))
    },
    10,
  )
  const servesNow = async () => {
    const status = await statusOf(address, '/web/login').catch(() => undefined)
    // Behind plana_gateway only the gateway sees pages; whether there is one, anybody may ask.
    const isGuarded = status === 421
    const asked = isGuarded ? await statusOf(address, '/plana/ready?host=waker.localhost') : status
    if (asked !== 200) return undefined
    const [uptime = ''] = (await readFile('/proc/uptime', 'utf8')).split(' ')
    return (Number(uptime) - startTicks / ticksPerSecond) * 1000
  }
  const milliseconds = await until('the first page', servesNow, 10)
  return {
    milliseconds,
    cpuMs: await cpuMsOf(pid),
    privateMegabytes: await privateMegabytesOf(pid),
  }
}

function statusOf(host: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { host: 'waker.localhost' }
    const outgoing = request({ host, port: 8069, path, headers }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0))
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}
