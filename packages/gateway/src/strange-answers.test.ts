import { expect, test, vi } from 'vitest'
import { openSocket, rawBackend, silent, startGateway } from './gateway-under-test.suite.ts'
import { handshake } from './websocket-under-test.suite.ts'

const requests = {
  'a request': 'GET / HTTP/1.1\r\nHost: acme.localhost\r\nConnection: close\r\n\r\n',
  'a handshake': handshake('/websocket', 'acme.localhost'),
}

const answers = {
  'a control character in its status line': 'HTTP/1.1 400 B\x01D\r\n\r\n',
  'foreign bytes in its status line': 'HTTP/1.1 400 B\xc3\xa9D\r\n\r\n',
  'a control character in a header': 'HTTP/1.1 400 BAD\r\nX-A: a\x01b\r\n\r\n',
  'a status that there is not': 'HTTP/1.1 000 NONE\r\n\r\n',
  'a header without a name': 'HTTP/1.1 400 BAD\r\n: x\r\n\r\n',
  'two lengths': 'HTTP/1.1 400 BAD\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
  'a switch that nobody asked for':
    'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\x01\r\n\r\n',
  'a control character in the header of a switch':
    'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-A: a\x01b\r\n\r\n',
  nothing: '',
}

test.each(
  Object.entries(requests).flatMap(([what, text]) =>
    Object.entries(answers).map(([how, answer]) => [what, how, text, answer] as const),
  ),
)(
  '%s that is answered with %s is answered in turn, and the gateway goes on',
  async (_what, _how, text, answer) => {
    const error = vi.fn()
    const port = await startGateway(rawBackend(answer), { log: { ...silent, error } })
    const client = openSocket(port, text)
    await client.closed
    expect(client.received()).toMatch(/^HTTP\/1\.1 (400|502) /)
    expect(error).not.toHaveBeenCalled()
  },
)
