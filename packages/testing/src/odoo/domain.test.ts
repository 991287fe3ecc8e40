import { expect, test } from 'vitest'
import { makeCondition } from './domain.ts'
import type { Model } from './models.ts'

const column = (name: string, type = 'varchar') =>
  [name, { name, type, target: undefined, required: false }] as const
const model: Model = {
  name: 'res.partner',
  table: 'res_partner',
  columns: new Map([
    column('id', 'int4'),
    column('name'),
    column('active', 'bool'),
    column('color', 'int4'),
  ]),
}

test('terms are joined by AND, operators come before their terms', () => {
  const { sql, values } = makeCondition(model, [
    '|',
    ['name', '=', 'a'],
    '!',
    ['color', '>', 3],
    ['id', 'in', [1, 2]],
  ])
  expect(sql).toBe(
    `("name"::text IS NOT DISTINCT FROM $1 OR (NOT "color" > $2)) AND COALESCE("id"::text = ANY($3), false) AND "active"`,
  )
  expect(values).toEqual(['a', 3, ['1', '2']])
})

test('archived records are seen only by those who ask for them', () => {
  expect(makeCondition(model, []).sql).toBe('"active"')
  expect(makeCondition(model, [['active', '=', false]]).sql).toBe('COALESCE("active", false) = $1')
  expect(makeCondition(model, [], false).sql).toBe('true')
})

test('a value never becomes part of the statement', () => {
  const { sql, values } = makeCondition(model, [['name', 'ilike', "'; DROP TABLE x --"]])
  expect(sql).not.toContain('DROP')
  expect(values).toEqual(["%'; DROP TABLE x --%"])
})

test.each([
  [[['nonsense', '=', 1]], "Invalid field 'nonsense'"],
  [[['name', '; DROP', 1]], 'Invalid operator'],
  [['&', ['name', '=', 'a']], 'Invalid leaf'],
  ['name', 'a domain is a list'],
])('%j is refused', (domain, message) => {
  expect(() => makeCondition(model, domain)).toThrow(message)
})
