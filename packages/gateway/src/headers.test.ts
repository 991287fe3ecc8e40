import { expect, test } from 'vitest'
import { requestHeaders, responseHeaders } from './headers.ts'

const forwarding = {
  authority: 'acme.localhost:8080',
  scheme: 'http',
  clientAddress: '127.0.0.1',
} as const

function sent(raw: string[], database?: string): [string, string][] {
  const flat = requestHeaders(raw, { ...forwarding, ...(database && { database }) })
  return flat.flatMap((name, at) =>
    at % 2 === 0 ? [[name.toLowerCase(), flat[at + 1] ?? ''] satisfies [string, string]] : [],
  )
}

test('what a client says about its own way here is dropped, whatever the case', () => {
  const raw = [
    ...[
      'X-Forwarded-Host',
      'evil.example',
      'x-forwarded-for',
      '1.2.3.4',
      'X-FORWARDED-Proto',
      'ftp',
    ],
    ...['X-Forwarded-Prefix', '/x', 'Forwarded', 'for=1.2.3.4', 'X-Real-IP', '1.2.3.4'],
    ...['X-Pulse-Backend', 'x', 'X-Odoo-Database', 'other', 'Host', 'evil.example'],
  ]
  expect(sent(raw)).toEqual([
    ['host', 'acme.localhost:8080'],
    ['x-forwarded-host', 'acme.localhost:8080'],
    ['x-forwarded-proto', 'http'],
    ['x-forwarded-for', '127.0.0.1'],
  ])
})

test('a name with underscores is the same name, as it is for Odoo', () => {
  const raw = [
    'X_Forwarded_Host',
    'evil.example',
    'x_odoo_database',
    'other',
    'Transfer_Encoding',
    'x',
  ]
  expect(sent(raw).filter(([name]) => name.includes('_'))).toEqual([])
  expect(sent(['api_key', 'kept'])).toContainEqual(['api_key', 'kept'])
})

test('hop-by-hop headers and those named by Connection end here', () => {
  const raw = ['Connection', 'close, X-Secret', 'X-Secret', '1', 'TE', 'gzip', 'Accept', '*/*']
  const names = sent(raw).map(([name]) => name)
  expect(names).toContain('accept')
  expect(names).not.toContain('x-secret')
  expect(names).not.toContain('connection')
  expect(names).not.toContain('te')
})

test('repeated headers and their order are kept', () => {
  const cookies = sent(['Cookie', 'a=1', 'Accept', 'x', 'Cookie', 'b=2'])
  expect(cookies.slice(0, 3)).toEqual([
    ['cookie', 'a=1'],
    ['accept', 'x'],
    ['cookie', 'b=2'],
  ])
})

test('a database is named only when the gateway chooses it', () => {
  expect(sent(['X-Odoo-Database', 'other'], 'acme.localhost')).toContainEqual([
    'x-odoo-database',
    'acme.localhost',
  ])
})

test('answers keep every cookie and lose the hop', () => {
  expect(
    responseHeaders({ 'set-cookie': ['a=1', 'b=2'], connection: 'close', 'content-type': 'x' }),
  ).toEqual({ 'set-cookie': ['a=1', 'b=2'], 'content-type': 'x' })
})
