import { expect, test } from 'vitest'
import { mayFork } from './may-fork.ts'

const on = { forkedWorkers: 'on' } as const

test('instances are forked, pools and tasks are started plainly', () => {
  expect(mayFork({ 'platxa.io/tier': 'instance' }, on)).toBe(true)
  expect(mayFork({ 'platxa.io/tier': 'pool' }, on)).toBe(false)
  expect(mayFork({}, on)).toBe(false)
})

test('nothing is forked where the setting says so', () => {
  expect(mayFork({ 'platxa.io/tier': 'instance' }, { forkedWorkers: 'off' })).toBe(false)
})
