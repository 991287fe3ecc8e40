import { expect, test } from 'vitest'
import { failureOf } from './failure.ts'

test('a cause that the message tells already is not told twice', () => {
  const traceback = 'Traceback:\n  no module'
  const cause = new Error(`python failed: ${traceback}`)
  const told = new Error(`Odoo cannot be imported: ${cause.message}`, { cause })
  expect(failureOf(told).text).toBe(`Odoo cannot be imported: python failed: ${traceback}`)
  const short = new Error('Odoo cannot be imported', { cause })
  expect(failureOf(short).text).toBe(
    `Odoo cannot be imported\n  because python failed: ${traceback}`,
  )
})
