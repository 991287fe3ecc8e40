import { expect, test } from 'vitest'
import { requestHead } from './request-head.ts'

const call = {
  address: '127.0.0.1',
  port: 1,
  method: 'GET',
  target: '/',
  headers: ['Host', 'acme.localhost'],
  body: null,
  mayReuse: false,
  connectTimeoutMs: 1,
  answerTimeoutMs: 1,
  answerIdleTimeoutMs: 1,
}

const bytes = Array.from({ length: 0x100 }, (_, code) => String.fromCharCode(code))
const isPrintable = (byte: string) => byte >= '!' && byte <= '~'

test('a target is written byte for byte, where all of it is printable ASCII', () => {
  const target = `/${bytes.filter(isPrintable).join('')}`
  expect(requestHead({ ...call, target })).toBe(
    `GET ${target} HTTP/1.1\r\nHost: acme.localhost\r\n\r\n`,
  )
})

test('no target with another byte is ever written, nor an empty one', () => {
  const others = bytes.filter((byte) => !isPrintable(byte))
  expect(others).toHaveLength(0x100 - 94)
  for (const target of ['', 'ÿ', '/\u0100', ...others.map((byte) => `/a${byte}b`)]) {
    expect(() => requestHead({ ...call, target }), JSON.stringify(target)).toThrow(/target/)
  }
})

test('no value of a header ends its line', () => {
  for (const value of ['a\rb', 'a\nb', 'a\r\nX-B: c', 'a\0']) {
    expect(() => requestHead({ ...call, headers: ['X-A', value] })).toThrow(/header/)
  }
})
