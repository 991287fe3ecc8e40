import { expect, test } from 'vitest'
import { forkedCondition, problemOf } from './fork-server.ts'

test('a starting parent is a problem that passes, a failed one is told with its reason', () => {
  expect(problemOf({ type: 'ready' })).toBeUndefined()
  expect(problemOf({ type: 'starting' })).toMatchObject({ isPassing: true })
  expect(problemOf({ type: 'failed', reason: 'ended with code 1' })).toEqual({
    reason: 'ParentFailed',
    message: 'ended with code 1',
    isPassing: false,
  })
})

test('the Node says of each major whether its instances are forked', () => {
  expect(forkedCondition('18', { type: 'ready' })).toEqual({
    type: 'Forked-18',
    status: 'True',
    reason: 'ParentReady',
  })
  expect(forkedCondition('17', { type: 'failed', reason: 'x is writable by everybody' })).toEqual({
    type: 'Forked-17',
    status: 'False',
    reason: 'ParentFailed',
    message: 'x is writable by everybody',
  })
})
