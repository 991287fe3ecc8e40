import { statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { shortageIn } from './shortage.ts'

function failed(code: string, cause?: unknown): Error {
  return Object.assign(new Error(`spawn sh ${code}`, { cause }), { code })
}

test('what has run out is told by the code of an error, or of what has caused it', () => {
  expect(shortageIn(failed('EAGAIN'))).toMatch('a limit of processes is reached')
  expect(shortageIn(new Error('cannot start', { cause: failed('EMFILE') }))).toMatch('ulimit -n')
  expect(shortageIn(failed('EACCES', failed('ENOSPC')))).toBe('the disk is full')
})

test('other errors tell of no shortage, and a cause that is its own ends the search', () => {
  const around: { cause?: unknown } = {}
  around.cause = around
  const missing = (() => {
    try {
      return statSync('/nonexistent')
    } catch (error) {
      return error
    }
  })()
  for (const error of [undefined, 'EAGAIN', new Error('EAGAIN'), missing, around]) {
    expect(shortageIn(error)).toBeUndefined()
  }
})
