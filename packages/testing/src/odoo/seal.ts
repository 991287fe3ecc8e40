import { request } from 'node:http'
import { parseArgs } from 'node:util'
import { identityHeader, readIdentity } from './backend-identity.ts'

/** The same as `plana_gateway/seal.py`: seals the server beside which it runs and waits for its last request. */
const { values } = parseArgs({
  options: {
    address: { type: 'string', default: process.env.POD_IP || '127.0.0.1' },
    port: { type: 'string', default: '8069' },
    timeout: { type: 'string', default: '30' },
  },
})
const seconds = Number(values.timeout)
const asking = request({
  host: values.address,
  port: Number(values.port),
  method: 'POST',
  path: `/plana/seal?timeout=${Math.max(0, seconds - 1).toFixed(3)}`,
  headers: { [identityHeader]: readIdentity(process.env)?.control ?? '', 'Content-Length': 0 },
  agent: false,
  signal: AbortSignal.timeout(seconds * 1000),
})
asking.on('response', ({ statusCode }) => {
  if (statusCode === 200) process.exit(0)
  fail(`the server answered ${statusCode}`)
})
asking.on('error', (error) => fail(error.message))
asking.end()

function fail(reason: string) {
  process.stderr.write(`seal: ${reason}\n`)
  process.exit(1)
}
