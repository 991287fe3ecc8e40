import { expect, test } from 'vitest'
import { createGateway } from '../gateway.ts'
import {
  backendAt,
  fetchFrom,
  listen,
  rawBackend,
  routeTo,
  wakerOf,
} from '../gateway-under-test.suite.ts'
import { silent } from '../silent-log.suite.ts'
import type { HistoryStore } from './history-store.ts'

test('a gateway that is told of a deletion keeps no history of it, nor one of who comes late', async () => {
  const texts = new Map([['beta-prod', 'kept']])
  const store: HistoryStore = {
    load: async () => undefined,
    save: async (environment, text) => void texts.set(environment, text),
    remove: async (environment) => void texts.delete(environment),
  }
  const backend = await listen(rawBackend('HTTP/1.0 200 OK\r\n\r\nhere'))
  const route = routeTo('acme', [backendAt(backend)])
  let uid: string | undefined = 'first'
  const gateway = createGateway({
    routes: { find: () => route, uidOf: () => uid },
    waker: wakerOf([route]),
    log: silent,
    limits: { drainMs: 0 },
    admission: { histories: store },
  })
  const port = await gateway.listen({ hosts: ['127.0.0.1'], port: 0 })
  const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
  await fetchFrom(port, '/web/login', form)
  uid = undefined
  texts.set('acme-prod', 'of another run')
  gateway.forget('acme-prod')
  await fetchFrom(port, '/web/login', form)
  await gateway.close()
  expect([...texts]).toEqual([['beta-prod', 'kept']])
})
