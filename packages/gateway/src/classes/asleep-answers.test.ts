import { expect, test } from 'vitest'
import { asleepAnswer } from './asleep-answers.ts'

const well = { failed: false, retryAfterSeconds: 120 }
const failed = { failed: true, retryAfterSeconds: 30 }

test('health answers as Odoo does', () => {
  const { status, headers, body } = asleepAnswer('health', well)
  expect([status, body]).toEqual([200, '{"status": "pass"}'])
  expect(headers).toMatchObject({ 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
})

test('a monitor hears of a tenant that could not be woken, and of no other', () => {
  expect(asleepAnswer('alive', well).status).toBe(200)
  expect(asleepAnswer('alive', failed)).toMatchObject({
    status: 503,
    headers: { 'Retry-After': '30' },
  })
  expect(asleepAnswer('health', failed)).toMatchObject({ status: 503, body: '{"status": "fail"}' })
})

test('a crawler without a copy to give is told to come back, and nothing it could index', () => {
  for (const answer of ['later', 'copy'] as const) {
    const { status, headers } = asleepAnswer(answer, well)
    expect(status).toBe(503)
    expect(headers).toMatchObject({ 'Retry-After': '120', 'Cache-Control': 'no-store' })
  }
})
