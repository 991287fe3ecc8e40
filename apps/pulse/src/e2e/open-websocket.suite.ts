import { createHash, randomBytes } from 'node:crypto'
import { request } from 'node:http'

/** Status of a WebSocket's handshake through the gateway; 0 when its proof is wrong. */
export function openWebsocket(port: number, host: string): Promise<number> {
  const key = randomBytes(16).toString('base64')
  const outgoing = request({
    host: '127.0.0.1',
    port,
    path: '/websocket',
    headers: {
      host,
      origin: `http://${host}`,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': key,
      'sec-websocket-version': '13',
    },
  }).end()
  const accepted = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  return new Promise((resolve, reject) => {
    outgoing.on('error', reject)
    outgoing.on('response', ({ statusCode = 0 }) => resolve(statusCode))
    outgoing.on('upgrade', ({ statusCode = 0, headers }, socket) => {
      socket.destroy()
      const isRight = headers['sec-websocket-accept'] === accepted.digest('base64')
      resolve(isRight ? statusCode : 0)
    })
  })
}
