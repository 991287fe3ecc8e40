import { once } from 'node:events'
import { connect } from 'node:net'
import { type KubeObject, recordOf } from '@pulse/api'
import type { ObjectsClient } from '@pulse/engine'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { findCondition } from '../commands/conditions.ts'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import { createTenant, visit } from './tenant.suite.ts'
import {
  keepAsking,
  type Place,
  patience,
  podsOf,
  untilSettled,
} from './workers-under-load.suite.ts'

const testMs = 300_000

let pulse: PulseUnderTest
let objects: ObjectsClient

beforeAll(async () => {
  pulse = await startPulse({
    env: {
      // Of the 4 GiB that both kinds of workers here may use: 410 MiB.
      PLANA_WORKER_MEMORY_SOFT_PERCENT: '10',
      PLANA_GATEWAY_REQUEST_IDLE_TIMEOUT_SECONDS: '600',
    },
  })
  objects = await pulse.objects()
  return pulse.cleanUp
}, testMs)

test.each([
  [
    'the workers of a pool',
    { name: 'crowd', flags: ['--hosting', 'pool'] },
    { namespace: 'plana-odoo-18', name: 'worker-odoo' },
  ],
  [
    'the worker of an instance',
    { name: 'grand', flags: ['--tier', 'enterprise', '--hosting', 'instance'] },
    { namespace: 'instance-grand', name: 'odoo-grand' },
  ],
])(
  '%s that have grown give way to a new one, and no request is lost',
  async (_, { name, flags }, place) => {
    const { hostname } = await createTenant(pulse, name, ...flags)
    await allowTrialRoutes(place)
    const [old] = await podsOf(objects, place)
    const visitor = await visit(pulse, hostname)
    const stopAsking = keepAsking(
      25,
      () => visitor.get('/web/login'),
      () => visitor.post('/standin/echo', 'a form'),
    )
    const upload = await beginUpload(hostname)
    expect(await visitor.get('/standin/grow?megabytes=500')).toMatchObject({ status: 200 })

    // Sealed only when the next one serves, and not ended while anything that was begun is under way.
    await vi.waitFor(async () => expect(await healthOf(old)).toBe(421), patience)
    const others = (await podsOf(objects, place)).filter(
      ({ metadata }) => metadata.uid !== old?.metadata.uid,
    )
    expect(others.map((pod) => isReady(pod))).toEqual([true])
    expect(await upload.finish()).toMatch(/^HTTP\/1\.1 200 .*begun.*, and ended\r\n0\r\n\r\n$/s)

    const [next] = await untilSettled(objects, place)
    expect(next?.metadata.uid).not.toBe(old?.metadata.uid)
    const answers = await stopAsking()
    expect(answers.filter((answer) => answer !== 200)).toEqual([])
    expect(answers.length).toBeGreaterThan(100)
    const { stdout } = await pulse.pulse(
      ...['describe', 'deployment', place.name, '-n', place.namespace],
    )
    expect(stdout).toContain('a worker used more than 10% of its memory limit')
    expect(stdout).not.toContain('FailedPreStopHook')
  },
  testMs,
)

function isReady(pod: KubeObject): boolean {
  return findCondition(pod, 'Ready')?.status === 'True'
}

/** As an operator sets a variable: that rolls out too, by the same way. */
async function allowTrialRoutes(place: Place) {
  const env = [{ name: 'PULSE_STANDIN_TRIAL_ROUTES', value: '1' }]
  const patch = { spec: { template: { spec: { containers: [{ name: 'odoo', env }] } } } }
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', ...place }
  await objects.patch(deployment, { type: 'strategic', patch }, { fieldManager: 'test' })
  await untilSettled(objects, place)
}

/** Of the very process, past the gateway; its health alone it tells to everybody. */
async function healthOf(pod: KubeObject | undefined): Promise<number> {
  const { podIP } = recordOf(pod?.status)
  return (await fetch(`http://${podIP}:8069/web/health`)).status
}

/** A request that a worker has begun to answer, until it is finished; then with the whole answer. */
async function beginUpload(hostname: string) {
  const port = await pulse.httpPort()
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  onTestFinished(() => void socket.destroy())
  let answer = ''
  socket.on('data', (text: string) => {
    answer += text
  })
  await once(socket, 'connect')
  const head = ['POST /standin/echo HTTP/1.1', `Host: ${hostname}:${port}`, 'Connection: close']
  socket.write(
    `${head.join('\r\n')}\r\nContent-Type: text/plain\r\nContent-Length: 16\r\n\r\nbegun`,
  )
  await vi.waitFor(() => expect(answer).toContain('begun'), patience)
  return {
    async finish(): Promise<string> {
      socket.write(', and ended')
      if (!socket.readableEnded) await once(socket, 'end')
      return answer
    },
  }
}
