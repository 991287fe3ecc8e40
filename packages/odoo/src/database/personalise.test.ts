import { expect, test } from 'vitest'
import { personalise } from './personalise.ts'
import type { Shape } from './shape.ts'

const shape: Shape = {
  adminUser: 2,
  adminPartner: 3,
  company: 1,
  companyPartner: 1,
  version: '18.0.1.3',
  partnerColumns: ['name', 'email', 'lang', 'tz'],
  sequences: ['base_registry_signaling'],
  signallingTables: [],
  tables: ['ir_cron'],
  languages: ['en_US'],
  modules: ['base'],
}
const person = {
  databaseUuid: 'u',
  databaseSecret: 's',
  signalling: 100_000,
  baseUrl: 'http://acme.localhost:8080',
  reportUrl: 'http://acme.localhost:8080',
  ownerEmail: 'ceo@acme.test',
  companyName: "O'Neil\\'; DROP TABLE res_users; --",
  language: 'bg_BG',
  timezone: 'Europe/Sofia',
  currency: 'EUR',
}

test('a hostile name is a name', () => {
  expect(personalise(person, shape)).toContain(" E'O''Neil\\\\''; DROP TABLE res_users; --'")
})

test('a language that the template lacks and columns that its modules lack are passed over', () => {
  const statements = personalise(person, shape)
  expect(statements).not.toContain('bg_BG')
  expect(statements).not.toContain('email_normalized')
  expect(statements).not.toContain('complete_name')
})

test('it is one transaction', () => {
  const statements = personalise(person, shape).split(';\n')
  expect(statements.at(0)).toBe('BEGIN')
  expect(statements.at(-1)).toBe('COMMIT')
})

test('19 keeps its signals in tables', () => {
  const statements = personalise(person, {
    ...shape,
    sequences: [],
    signallingTables: ['orm_signaling_registry'],
  })
  expect(statements).toContain('INSERT INTO "orm_signaling_registry" (id) VALUES (100000)')
})
