import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../config.ts'
import { openMachine, saveMachine } from '../installation/machine.ts'
import { openStateDirectory } from '../installation/state-directory.ts'
import { choosePorts } from './doors.ts'

async function takenPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

async function ground(flags: Readonly<Record<string, string>>) {
  const stateDir = await mkdtemp(`${tmpdir()}/pulse-doors-`)
  onTestFinished(() => rm(stateDir, { recursive: true }))
  const state = await openStateDirectory(stateDir)
  return { config: readConfig({ stateDir, ...flags }), state, machine: await openMachine(state) }
}

test('a port for TLS that is taken is named with its setting, before anything has started', async () => {
  const port = await takenPort()
  await expect(
    choosePorts(await ground({ tls: 'local', httpsPort: String(port) })),
  ).rejects.toThrow(
    `the TLS port ${port} is taken: free it, or ask for another one with PLANA_HTTPS_PORT`,
  )
})

test('who does not speak TLS needs no port for it', async () => {
  const httpsPort = String(await takenPort())
  const { http } = await choosePorts(await ground({ httpsPort }))
  expect(http).toBeGreaterThan(0)
})

test('a record in which doors share a port is mended: each gets one of its own', async () => {
  const { machine, ...rest } = await ground({})
  const port = await freePort()
  const shared = { httpPort: port, apiPort: port, metricsPort: port }
  await saveMachine(rest.state, { ...machine.record, ...shared })
  const { http, api, metrics } = await choosePorts({
    ...rest,
    machine: await openMachine(rest.state),
  })
  expect(http).toBe(port)
  expect(new Set([http, api, metrics]).size).toBe(3)
  const { record } = await openMachine(rest.state)
  expect(record).toMatchObject({ httpPort: http, apiPort: api, metricsPort: metrics })
})

test('a port that was asked for is no choice for the other doors', async () => {
  const port = await freePort()
  const { machine, ...rest } = await ground({ metricsPort: String(port) })
  const { http, metrics } = await choosePorts({
    ...rest,
    machine: { ...machine, record: { ...machine.record, httpPort: port } },
  })
  expect(metrics).toBe(port)
  expect(http).not.toBe(port)
})
