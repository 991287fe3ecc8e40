import { createClientKinds } from '@pulse/api'
import { expect, test } from 'vitest'
import { completionsOf } from './completion.ts'
import { createProgram } from './program.ts'

const silent = { interactive: false, write: () => {} }
const { kinds } = createClientKinds()
const program = await createProgram({
  out: silent,
  err: silent,
  kinds: async () => kinds,
  hint: (words) => `pulse ${words}`,
  signal: new AbortController().signal,
  config: () => {
    throw new Error('completion reads no configuration')
  },
  connect: () => Promise.reject(new Error('completion connects to nothing')),
})
const types = kinds.map(({ plural }) => plural)

test('commands are completed, hidden ones are not offered', () => {
  expect(completionsOf(program, ['de'], types)).toEqual(['delete', 'describe'])
  expect(completionsOf(program, [''], types)).not.toContain('task-runner')
})

test('types follow get, flags follow a dash', () => {
  expect(completionsOf(program, ['get', 'plana'], types)).toEqual(['planaclients'])
  expect(completionsOf(program, ['get', '--al'], types)).toEqual(['--all-namespaces'])
  expect(completionsOf(program, ['get', '--sta'], types)).toEqual(['--state'])
})

test('every command says what it does and shows an example or what it takes', () => {
  for (const command of program.commands)
    expect(command.description() || command.name()).toBeTruthy()
})
