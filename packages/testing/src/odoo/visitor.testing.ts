import { request } from 'node:http'
import { makeResponse } from './xmlrpc.ts'

interface Page {
  readonly status: number
  readonly httpVersion: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  readonly text: string
}

export interface Visitor {
  get(path: string, headers?: Record<string, string>): Promise<Page>
  post(path: string, body: string | Buffer, headers?: Record<string, string>): Promise<Page>
  submit(path: string, fields: Record<string, string>): Promise<Page>
  json(
    path: string,
    params: unknown,
  ): Promise<{ result?: unknown; error?: { code: number; data: { name: string } } }>
  xmlRpc(path: string, method: string, ...parameters: unknown[]): Promise<string>
  /** Fills in the login form of the page, with its token. */
  logIn(login: string, password: string): Promise<Page>
  cookie(): string
}

/** A browser for tests: one host, its cookies, no redirects followed. */
export function createVisitor(port: number, host: string): Visitor {
  let cookie = ''

  const send = (
    method: string,
    path: string,
    body: string | Buffer | undefined,
    headers: Record<string, string>,
  ) =>
    new Promise<Page>((resolve, reject) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port,
          path,
          method,
          agent: false,
          headers: { host, ...(cookie && { cookie }), ...headers },
        },
        (incoming) => {
          const chunks: Buffer[] = []
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
          incoming.on('error', reject)
          incoming.on('end', () => {
            const [set] = incoming.headers['set-cookie'] ?? []
            if (set) cookie = set.split(';', 1)[0] ?? ''
            const whole = Buffer.concat(chunks)
            resolve({
              status: incoming.statusCode ?? 0,
              httpVersion: incoming.httpVersion,
              headers: incoming.headers,
              body: whole,
              text: whole.toString('utf8'),
            })
          })
        },
      )
      outgoing.on('error', reject)
      outgoing.end(body)
    })

  const visitor: Visitor = {
    get: (path, headers = {}) => send('GET', path, undefined, headers),
    post: (path, body, headers = {}) => send('POST', path, body, headers),
    submit: (path, fields) =>
      send('POST', path, String(new URLSearchParams(fields)), {
        'content-type': 'application/x-www-form-urlencoded',
      }),
    async json(path, params) {
      const body = JSON.stringify({ jsonrpc: '2.0', method: 'call', id: 1, params })
      return JSON.parse(
        (await visitor.post(path, body, { 'content-type': 'application/json' })).text,
      )
    },
    async xmlRpc(path, method, ...parameters) {
      const values = parameters.map((value) => /<value>.*<\/value>/s.exec(makeResponse(value))?.[0])
      const params = values.map((value) => `<param>${value}</param>`).join('')
      const body = `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${params}</params></methodCall>`
      return (await visitor.post(path, body, { 'content-type': 'text/xml' })).text
    },
    async logIn(login, password) {
      const page = await visitor.get('/web/login')
      const token = /name="csrf_token" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
      return visitor.submit('/web/login', { csrf_token: token, login, password, redirect: '' })
    },
    cookie: () => cookie,
  }
  return visitor
}
