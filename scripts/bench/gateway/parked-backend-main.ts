/** As much of Odoo's bus as sockets need that say nothing; its port is told to the bench that forked it. */
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

const server = createServer((_request, response) => response.end('{"jsonrpc": "2.0", "id": null}'))
const websockets = new WebSocketServer({ server, clientTracking: false })
websockets.on('connection', (socket) => socket.on('error', () => {}))
server.listen(0, '127.0.0.1', 4_096, () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' && address ? address.port : 0 })
})
