import { anyHost } from './lanes.suite.ts'

export const hidden = `GET /hidden HTTP/1.1\r\nHost: ${anyHost}\r\n\r\n`
export const post = (headers: string, body: string) =>
  `POST /meant HTTP/1.1\r\nHost: ${anyHost}\r\n${headers}\r\n${body}`
export const get = (headers: string) => `GET /meant HTTP/1.1\r\nHost: ${anyHost}\r\n${headers}\r\n`

/** In each a second request hides; a gateway that reads it otherwise than its worker lets it out. */
export const attacks: Record<string, string> = {
  'CL.TE': post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${hidden}`),
  'TE.CL': post(
    'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n',
    `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
  ),
  'CL.TE with a length of zero': post(
    'Content-Length: 0\r\nTransfer-Encoding: chunked\r\n',
    `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
  ),
  'TE.TE, the second a fake': post(
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n',
    `0\r\n\r\n${hidden}`,
  ),
  'TE.TE, the first a fake': post(
    'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n',
    `0\r\n\r\n${hidden}`,
  ),
  'chunked is not the last coding': post(
    'Transfer-Encoding: chunked, identity\r\n',
    `0\r\n\r\n${hidden}`,
  ),
  'a coding that only looks like chunked': post(
    'Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n',
    `0\r\n\r\n${hidden}`,
  ),
  'a coding after a vertical tab': post(
    'Transfer-Encoding: \vchunked\r\nContent-Length: 5\r\n',
    `0\r\n\r\n${hidden}`,
  ),
  'a coding in quotes': post(
    'Transfer-Encoding: "chunked"\r\nContent-Length: 5\r\n',
    `0\r\n\r\n${hidden}`,
  ),
  'a space before the colon of the coding': post(
    'Transfer-Encoding : chunked\r\nContent-Length: 5\r\n',
    `0\r\n\r\n${hidden}`,
  ),
  'a space before the colon of the length': post(`Content-Length : ${hidden.length}\r\n`, hidden),
  'a tab before the colon of the length': post(`Content-Length\t: ${hidden.length}\r\n`, hidden),
  'a coding on a folded line': post(
    'Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n',
    `0\r\n\r\n${hidden}`,
  ),
  'a length on a folded line': post(`X-A: b\r\n Content-Length: ${hidden.length}\r\n`, hidden),
  'a first header that is folded': `POST /meant HTTP/1.1\r\n Host: ${anyHost}\r\nHost: ${anyHost}\r\n\r\n${hidden}`,
  'a header after a bare line feed': post(`X-A: b\nContent-Length: ${hidden.length}\r\n`, hidden),
  'a header after a bare return': post(`X-A: b\rContent-Length: ${hidden.length}\r\n`, hidden),
  'a head that ends with bare line feeds': post(
    `Content-Length: ${hidden.length}\n`,
    `\n${hidden}`,
  ),
  'a NUL in a name': post(`Content-Length\0: ${hidden.length}\r\n`, hidden),
  'a NUL in a value': post(`Content-Length: ${hidden.length}\0\r\n`, hidden),
  'two lengths': post(`Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n`, hidden),
  'two equal lengths': post('Content-Length: 0\r\nContent-Length: 0\r\n', hidden),
  'two lengths in one line': post(`Content-Length: 0, ${hidden.length}\r\n`, hidden),
  'a length with a sign': post(`Content-Length: +${hidden.length}\r\n`, hidden),
  'a negative length': post('Content-Length: -1\r\n', hidden),
  'a length in hexadecimal': post('Content-Length: 0x10\r\n', hidden),
  'a length in other digits': post('Content-Length: \xb2\r\n', hidden),
  'a length beyond 64 bits': post('Content-Length: 18446744073709551616\r\n', hidden),
  'an empty length': post('Content-Length: \r\n', hidden),
  'a chunk size beyond 64 bits': post(
    'Transfer-Encoding: chunked\r\n',
    `10000000000000000\r\n\r\n0\r\n\r\n${hidden}`,
  ),
  'a chunk size with a sign': post('Transfer-Encoding: chunked\r\n', `+0\r\n\r\n${hidden}`),
  'a chunk size in hexadecimal notation': post(
    'Transfer-Encoding: chunked\r\n',
    `0x0\r\n\r\n${hidden}`,
  ),
  'a chunk longer than its size': post(
    'Transfer-Encoding: chunked\r\n',
    `1\r\nab\r\n0\r\n\r\n${hidden}`,
  ),
  'a chunk extension that ends with a bare line feed': post(
    'Transfer-Encoding: chunked\r\n',
    `5;a\n${'x'.repeat(5)}\r\n0\r\n\r\n${hidden}`,
  ),
  'a chunk extension with a bare return': post(
    'Transfer-Encoding: chunked\r\n',
    `0;a\rb\r\n\r\n${hidden}`,
  ),
  'a chunk that ends with a bare line feed': post(
    'Transfer-Encoding: chunked\r\n',
    `1\r\na\n0\r\n\r\n${hidden}`,
  ),
  'a last chunk that ends with bare line feeds': post(
    'Transfer-Encoding: chunked\r\n',
    `0\n\n${hidden}`,
  ),
  'a chunked body in HTTP/1.0': `POST /meant HTTP/1.0\r\nHost: ${anyHost}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
  'two hosts': get('Host: other.localhost\r\n') + hidden,
  'no host': `GET /meant HTTP/1.1\r\n\r\n${hidden}`,
  'a space in a name': get('X A: b\r\n') + hidden,
  'a header without a name': get(': b\r\n') + hidden,
  'a header without a colon': get('X-A\r\n') + hidden,
  'a target with a space': `GET /meant /x HTTP/1.1\r\nHost: ${anyHost}\r\n\r\n${hidden}`,
  'a line feed in the target': `GET /meant\nX: y HTTP/1.1\r\nHost: ${anyHost}\r\n\r\n${hidden}`,
  'a target with another host': `GET http://other.localhost/hidden HTTP/1.1\r\nHost: ${anyHost}\r\n\r\n`,
  'a version that there is not': `GET /hidden HTTP/1.9\r\nHost: ${anyHost}\r\n\r\n`,
  'no version': `GET /hidden\r\nHost: ${anyHost}\r\n\r\n`,
  'a version of two digits': `GET /hidden HTTP/1.10\r\nHost: ${anyHost}\r\n\r\n`,
  'the preface of HTTP/2': `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${hidden}`,
  'a tunnel': `CONNECT ${anyHost}:80 HTTP/1.1\r\nHost: ${anyHost}\r\n\r\n${hidden}`,
  'an offer of HTTP/2': post(
    `Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: ${hidden.length}\r\n`,
    hidden,
  ),
  'an offer of HTTP/2 before a body in chunks': post(
    'Connection: Upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n',
    `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
  ),
  'an offer of HTTP/2 before a body that breaks off its framing': post(
    'Connection: Upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n',
    `1\r\nab\r\n0\r\n\r\n${hidden}`,
  ),
  'an offer of HTTP/2 before a body with a length and chunks': post(
    'Connection: Upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n',
    `0\r\n\r\n${hidden}`,
  ),
  'an offer of a WebSocket before a body in another coding':
    get('Connection: Upgrade\r\nUpgrade: websocket\r\nTransfer-Encoding: gzip, chunked\r\n') +
    `0\r\n\r\n${hidden}`,
}
