import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createDatabaseScan, scanBytesMax } from './xmlrpc-database.ts'

function scanOf(body: string | Buffer, chunkBytes = 4096) {
  const scan = createDatabaseScan('acme.localhost')
  const bytes = Buffer.from(body)
  for (let at = 0; at < bytes.length; at += chunkBytes)
    scan.push(bytes.subarray(at, at + chunkBytes))
  return scan.end()
}

function call(method: string, ...params: string[]) {
  const list = params.map((param) => `<param><value>${param}</value></param>`).join('\n')
  return `<?xml version='1.0'?>\n<methodCall>\n<methodName>${method}</methodName>\n<params>\n${list}</params>\n</methodCall>\n`
}

const mine = '<string>acme.localhost</string>'
const theirs = '<string>other.localhost</string>'

test.each([
  ['authenticate', call('authenticate', mine, '<string>admin</string>')],
  ['execute_kw', call('execute_kw', mine, '<int>2</int>')],
  ['a string without a type', call('login', 'acme.localhost')],
  ['version without parameters', call('version')],
  ['no params at all', '<methodCall><methodName>version</methodName></methodCall>'],
  ['a comment inside the name', call('login', '<string>acme.<!-- -->localhost</string>')],
  ['an escaped character', call('login', '<string>acme&#46;localhost</string>')],
])('%s passes', (_name, body) => {
  expect(scanOf(body)).toEqual({ verdict: 'allowed' })
})

describe('is refused', () => {
  test.each([
    ['another database', call('authenticate', theirs, '<string>a</string>')],
    ['another database without a type', call('login', 'other.localhost')],
    ['no parameter', call('execute_kw')],
    ['a number for a database', call('execute_kw', '<int>1</int>')],
    ['an empty value', call('execute_kw', '')],
    ['system.multicall', call('system.multicall', mine)],
    ['an unknown method', call('exp_drop', mine)],
    [
      'a value before the params, which Python takes for the first parameter',
      `<methodCall><methodName>execute_kw</methodName>${theirs}<params><param><value>${mine}</value></param></params></methodCall>`,
    ],
    [
      'a value beside the value of the first parameter',
      `<methodCall><methodName>login</methodName><params><param>${theirs}<value>${mine}</value></param></params></methodCall>`,
    ],
    [
      'a second method name after a harmless one',
      `<methodCall><methodName>version</methodName><methodName>login</methodName><params><param><value>${theirs}</value></param></params></methodCall>`,
    ],
    [
      'a method name after the params',
      `<methodCall><params><param><value>${mine}</value></param></params><methodName>login</methodName></methodCall>`,
    ],
    [
      'parameters of a method that takes none, since a later method name could use them',
      call('version', theirs),
    ],
    [
      'a document type',
      `<!DOCTYPE x [<!ENTITY e "other">]>${call('login', '<string>&e;</string>')}`,
    ],
    ['an encoding that hides text', `<?xml version='1.0' encoding='utf-7'?>${call('login', mine)}`],
    ['UTF-16', Buffer.from(`\ufeff${call('login', mine)}`, 'utf16le')],
    ['broken XML', '<methodCall><methodName>login</params>'],
    ['a call cut short', '<methodCall><methodName>login</methodName><params><param>'],
    ['nothing', ''],
    [
      'an array as the first parameter',
      call('login', `<array><data><value>${mine}</value></data></array>`),
    ],
    ['CDATA', call('login', '<string><![CDATA[acme.localhost]]></string>')],
  ])('%s', (_name, body) => {
    expect(scanOf(body)).toMatchObject({ verdict: 'refused' })
  })

  test('a call that does not name its database in time', () => {
    const padding = ' '.repeat(scanBytesMax)
    expect(scanOf(`<methodCall>${padding}<methodName>login</methodName>`)).toMatchObject({
      verdict: 'refused',
    })
  })
})

test('how the bytes are cut into chunks makes no difference', () => {
  const bodies = [call('login', mine), call('login', theirs), call('version')]
  fc.assert(
    fc.property(fc.constantFrom(...bodies), fc.integer({ min: 1, max: 64 }), (body, size) => {
      expect(scanOf(body, size).verdict).toBe(scanOf(body).verdict)
    }),
  )
})

test('after the verdict nothing more is read, however much has come at once', () => {
  const write = vi.spyOn(SaxesParser.prototype, 'write')
  onTestFinished(() => write.mockRestore())
  const scan = createDatabaseScan('acme.localhost')
  expect(scan.push(Buffer.from('<a>'.repeat(20_000)))).toMatchObject({ verdict: 'refused' })
  expect(write.mock.calls.map(([text]) => String(text).length)).toEqual([1_024])
})
