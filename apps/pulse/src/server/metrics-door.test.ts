import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { silent } from '../silent-log.suite.ts'
import { createMetricsDoor } from './metrics-door.ts'

const adminToken = 'the-token-of-the-installation'
const figures = {
  state: 'asleep',
  since: 0,
  wakesToday: 1,
  awakeMsToday: 2,
  wakeTimes: undefined,
  wakeTimesFrom: {},
}

async function openDoor(metricsToken?: string) {
  const door = createMetricsDoor({
    text: async () => 'pulse_up 1',
    figuresOf: (environment) => (environment === 'acme-prod' ? figures : undefined),
    documents: { '/status': async () => ({ clients: 1 }) },
    metricsToken,
    adminToken,
    log: silent,
  })
  onTestFinished(() => door.close())
  const { port } = await door.listen({ host: '127.0.0.1', port: 0 })
  return async (path: string, { token, host }: { token?: string; host?: string } = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>()
    const asking = request({
      host: '127.0.0.1',
      port,
      path,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(host !== undefined && { host }),
      },
      signal: AbortSignal.timeout(10_000),
    })
    asking.once('error', reject)
    asking.once('response', async (answer) =>
      resolve({ status: answer.statusCode ?? 0, text: await text(answer) }),
    )
    asking.end()
    return await promise
  }
}

test('documents about the machine are for the installation’s own token', async () => {
  const ask = await openDoor('for-prometheus')
  expect(await ask('/status')).toMatchObject({ status: 401 })
  expect(await ask('/status', { token: 'for-prometheus' })).toMatchObject({ status: 401 })
  expect(await ask('/status', { token: adminToken })).toEqual({
    status: 200,
    text: '{"clients":1}',
  })
})

test('on loopback the metrics are read without a token', async () => {
  const ask = await openDoor()
  expect(await ask('/metrics')).toEqual({ status: 200, text: 'pulse_up 1\n' })
})

test('a page that has itself called loopback by another name reads nothing', async () => {
  const ask = await openDoor()
  expect(await ask('/metrics', { host: 'evil.example:9090' })).toMatchObject({ status: 421 })
})

test('with a token set nobody reads without it, nor with a part of it', async () => {
  const ask = await openDoor('a-token-for-prometheus')
  expect(await ask('/metrics')).toMatchObject({ status: 401 })
  expect(await ask('/metrics', { token: 'a-token-for-prometheu' })).toMatchObject({ status: 401 })
  expect(await ask('/metrics', { token: 'a-token-for-prometheus' })).toMatchObject({ status: 200 })
  expect(await ask('/metrics', { token: adminToken })).toMatchObject({ status: 200 })
})

test('a wrong token is refused even where none is needed', async () => {
  const ask = await openDoor()
  expect(await ask('/metrics', { token: 'guessed' })).toMatchObject({ status: 401 })
})

test('the figures of a tenant are for the administrator alone', async () => {
  const ask = await openDoor('a-token-for-prometheus')
  expect(await ask('/figures/acme-prod')).toMatchObject({ status: 401 })
  expect(await ask('/figures/acme-prod', { token: 'a-token-for-prometheus' })).toMatchObject({
    status: 401,
  })
  const answer = await ask('/figures/acme-prod', { token: adminToken })
  expect(JSON.parse(answer.text)).toMatchObject({ state: 'asleep', wakesToday: 1 })
  expect(await ask('/figures/other-prod', { token: adminToken })).toMatchObject({ status: 404 })
})

test.each(['/', '/figures/', '/figures/../token', '/metrics/x'])('%s is nothing', async (path) => {
  const ask = await openDoor()
  expect(await ask(path, { token: adminToken })).toMatchObject({ status: 404 })
})
