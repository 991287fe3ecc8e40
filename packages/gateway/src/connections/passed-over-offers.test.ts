import { createServer as createHttpServer } from 'node:http'
import { expect, onTestFinished, test, vi } from 'vitest'
import {
  eventually,
  openSocket,
  type RawClient,
  startGateway,
} from '../gateway-under-test.suite.ts'

const offering = (protocol: string, method = 'POST') =>
  [
    `${method} /offering HTTP/1.1`,
    'Host: acme.localhost',
    'X-Word: \xe9\xff',
    'Connection: Upgrade, HTTP2-Settings',
    'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
    `Upgrade: ${protocol}`,
    'Transfer-Encoding: chunked',
    '\r\n',
  ].join('\r\n')
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: acme.localhost\r\n\r\n`
const chunks = '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'

const statuses = (client: RawClient) => client.received().match(/HTTP\/1\.1 \d+/g)
const bodies = (client: RawClient) => client.received().match(/\[[^\]]*\]/g)

/** Answers with what it was sent, once it has all of it. */
function echoing(heads: string[][] = []) {
  return createHttpServer((request, answer) => {
    heads.push(request.rawHeaders)
    request.on('error', () => {})
    request.setEncoding('latin1')
    let body = ''
    request.on('data', (text: string) => {
      body += text
    })
    request.on('end', () => answer.end(`[${request.method} ${request.url} ${body}]`))
  })
}

test.each([
  ['HTTP/2', offering('h2c')],
  ['a WebSocket, by a handshake with a body', offering('websocket', 'GET')],
  ['any protocol', offering('x')],
])(
  'a body that breaks off its framing behind an offer of %s is refused at once',
  async (_which, head) => {
    const port = await startGateway(echoing())
    const atOnce = openSocket(port, Buffer.from(`${head}3\r\nabc\r\nno chunk\r\n`, 'latin1'))
    await atOnce.closed
    expect(statuses(atOnce)).toEqual(['HTTP/1.1 400'])
  },
)

test('a body that breaks off its framing later is refused then', async () => {
  const heads: string[][] = []
  const port = await startGateway(echoing(heads))
  const client = openSocket(port, Buffer.from(`${offering('h2c')}3\r\nabc\r\n`, 'latin1'))
  await eventually(() => expect(heads).toHaveLength(1))
  client.socket.write('no chunk\r\n')
  await client.closed
  expect(statuses(client)).toEqual(['HTTP/1.1 400'])
})

test('a whole one is passed on without the offer, and its connection carries others', async () => {
  const heads: string[][] = []
  const port = await startGateway(echoing(heads))
  const request = Buffer.from(`${offering('h2c')}${chunks}`, 'latin1')
  const client = openSocket(port, Buffer.concat([request, request, Buffer.from(get('/third'))]))
  await eventually(() => expect(bodies(client)).toHaveLength(3))
  const answer = '[POST /offering abcde]'
  expect(bodies(client)).toEqual([answer, answer, '[GET /third ]'])
  expect(statuses(client)).toEqual(Array(3).fill('HTTP/1.1 200'))
  const names = heads[0]?.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase())
  expect(heads[0]).toEqual(expect.arrayContaining(['X-Word', '\xe9\xff']))
  for (const name of ['upgrade', 'http2-settings', 'content-length']) {
    expect(names).not.toContain(name)
  }
})

test('one that comes in pieces behind a request that waits is passed on in its turn', async () => {
  const answers: (() => void)[] = []
  const asked: string[] = []
  const server = createHttpServer((request, answer) => {
    const { url = '' } = request
    asked.push(url)
    const say = () => answer.end(`[${url}]`)
    if (url === '/first') answers.push(say)
    else request.resume().on('end', say)
  })
  const port = await startGateway(server)
  const client = openSocket(port, get('/first') + offering('h2c'))
  await eventually(() => expect(asked).toEqual(['/first']))
  for (const byte of chunks) client.socket.write(byte)
  client.socket.write(get('/third'))
  answers[0]?.()
  await eventually(() => expect(bodies(client)).toEqual(['[/first]', '[/offering]', '[/third]']))
})

test('one whose body is asked for is asked for it', async () => {
  const port = await startGateway(echoing())
  const head = offering('h2c').replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n')
  const client = openSocket(port, head)
  await eventually(() => expect(statuses(client)).toEqual(['HTTP/1.1 100']))
  client.socket.write(chunks)
  await eventually(() => expect(bodies(client)).toEqual(['[POST /offering abcde]']))
})

test('a head of more headers than are read is refused as a whole, whatever it offers', async () => {
  const heads: string[][] = []
  const port = await startGateway(echoing(heads))
  for (const count of [194, 195]) {
    const more = 'a: b\r\n'.repeat(count)
    const client = openSocket(port, offering('h2c').replace('X-Word', `${more}X-Word`) + chunks)
    await client.answered
    expect(statuses(client)).toEqual([`HTTP/1.1 ${count === 194 ? 200 : 431}`])
  }
  expect(heads).toHaveLength(1)
})

test('one that comes behind a request that waits may then take longer than a connection may stay idle', async () => {
  const answers = new Map<string, () => void>()
  const server = createHttpServer((request, answer) => {
    const { url = '' } = request
    request.resume()
    if (url === '/other') answer.end('[/other]')
    else answers.set(url, () => answer.end(`[${url}]`))
  })
  const port = await startGateway(server, { limits: { keepAliveTimeoutMs: 10 } })
  const client = openSocket(port, get('/first') + offering('h2c') + chunks)
  await eventually(() => expect(answers.has('/first')).toBe(true))
  answers.get('/first')?.()
  await eventually(() => expect(answers.has('/offering')).toBe(true))
  const other = openSocket(port, get('/other'))
  await other.closed
  expect(bodies(other)).toEqual(['[/other]'])
  answers.get('/offering')?.()
  await eventually(() => expect(bodies(client)).toEqual(['[/first]', '[/offering]']))
})

test('any number of them leaves nothing on their connection', async () => {
  const warned = vi.fn()
  process.on('warning', warned)
  onTestFinished(() => void process.off('warning', warned))
  const port = await startGateway(echoing())
  const client = openSocket(port, `${offering('h2c')}${chunks}`.repeat(20))
  await eventually(() => expect(bodies(client)).toHaveLength(20))
  const behind = openSocket(port, `${get('/before')}${offering('h2c')}${chunks}`.repeat(15))
  await eventually(() => expect(bodies(behind)).toHaveLength(30))
  expect(warned).not.toHaveBeenCalled()
})

test('such a connection counts once among those of its address', async () => {
  const port = await startGateway(echoing(), {
    limits: { connectionsPerAddressMax: 2, sharedAddresses: [] },
  })
  const client = openSocket(port, `${offering('h2c')}${chunks}`)
  await eventually(() => expect(bodies(client)).toHaveLength(1))
  const second = openSocket(port, `${offering('h2c')}${chunks}`)
  await eventually(() => expect(bodies(second)).toHaveLength(1))
  client.socket.destroy()
  second.socket.destroy()
  const places = async () => {
    const clients = [openSocket(port, get('/third')), openSocket(port, get('/third'))]
    await Promise.all(clients.map(({ answered }) => answered))
    for (const { socket } of clients) socket.destroy()
    return clients.filter((one) => statuses(one) !== null).length
  }
  await eventually(async () => expect(await places()).toBe(2))
})
