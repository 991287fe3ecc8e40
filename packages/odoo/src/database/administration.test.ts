import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createAdministration } from './administration.ts'

test('who gives up while a server is silent is let go at once', async () => {
  const server = createServer((socket) => {
    onTestFinished(() => void socket.destroy())
  })
  onTestFinished(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const tenant = { host: '127.0.0.1', port }
  const administration = createAdministration({ admin: tenant, tenant })

  const patience = new AbortController()
  const connecting = administration.connect('postgres', patience.signal)
  await once(server, 'connection')
  patience.abort(new Error('given up'))
  await expect(connecting).rejects.toThrow('given up')
})
