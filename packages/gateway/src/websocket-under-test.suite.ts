import { createHash } from 'node:crypto'

/** A handshake as browsers send it. */
export function handshake(path = '/websocket?version=1', host = 'acme.localhost:8080'): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    `Origin: http://${host}`,
    '\r\n',
  ].join('\r\n')
}

/** The answer that RFC 6455 wants to this handshake. */
export function switchingFor(head: string | Buffer, version = '1.1'): string {
  const key = /^sec-websocket-key: *(.+?)\r$/im.exec(head.toString('latin1'))?.[1] ?? ''
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  return [
    `HTTP/${version} 101 Switching Protocols`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept.digest('base64')}`,
    '\r\n',
  ].join('\r\n')
}

/** A short text frame of a server. */
export function serverFrame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)])
}

/** A short text frame of a client, under a mask that changes nothing. */
export function clientFrame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)])
}

/** The text of one short frame of a client. */
export function unmasked(frame: Buffer): string {
  const [mask, payload] = [frame.subarray(2, 6), frame.subarray(6)]
  return Buffer.from(payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))).toString()
}
