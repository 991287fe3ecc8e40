import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { createProgress } from './progress.ts'

test('without a terminal each step is one plain line, and its end another', () => {
  let text = ''
  let time = 0
  const progress = createProgress(
    { interactive: false, write: (piece) => (text += piece) },
    () => time,
  )
  progress.step('making the database')
  time = 1500
  progress.step('starting the worker')
  progress.done('ready')
  expect(stripVTControlCharacters(text)).toBe(
    '… making the database\n… starting the worker\n✔ ready (1.5 s)\n',
  )
})
