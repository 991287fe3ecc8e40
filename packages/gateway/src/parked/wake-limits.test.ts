import { expect, test } from 'vitest'
import { eventually, routeTo, serve, sleeper } from '../gateway-under-test.suite.ts'
import { createFakeEnvironment } from './fake-environment.suite.ts'
import { openClient, rememberingProtocol } from './parked-under-test.suite.ts'

test('beyond its wakes no stranger’s words over a WebSocket wake a tenant, and a session’s do', async () => {
  const { backendAddress, heard } = await createFakeEnvironment({ isAwake: true })
  const tenant = sleeper({}, { wakeTimeoutMs: 30_000 })
  const port = await serve([routeTo('acme', [])], {
    waker: tenant.waker,
    admission: { wakes: { environmentPerHour: 1 } },
    parked: { protocol: rememberingProtocol },
  })
  const first = await openClient(port)
  first.socket.send('one')
  await eventually(() => expect(tenant.writes).toHaveLength(1))
  tenant.bring(backendAddress)
  await eventually(() => expect(heard).toEqual(['one']))
  first.socket.close()
  await first.closed
  tenant.sleep()

  const stranger = await openClient(port)
  stranger.socket.send('two')
  expect(await stranger.closed).toEqual([1013, ''])
  expect(tenant.writes).toHaveLength(1)

  const user = await openClient(port, { headers: { cookie: 'session_id=abc' } })
  user.socket.send('three')
  await eventually(() => expect(tenant.writes).toHaveLength(2))
  tenant.bring(backendAddress)
  await eventually(() => expect(heard).toEqual(['one', 'three']))
})
