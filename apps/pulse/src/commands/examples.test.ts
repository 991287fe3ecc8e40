import { createClientKinds } from '@pulse/api'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import type { CommandContext } from './context.ts'
import { createProgram } from './program.ts'
import { parseResourceArguments } from './resource-argument.ts'

const { kinds } = createClientKinds()
const silent = { interactive: false, write: () => {} }
const context: CommandContext = {
  out: silent,
  err: silent,
  kinds: async () => kinds,
  hint: (words) => `pulse ${words}`,
  signal: new AbortController().signal,
  config: () => Promise.reject(new Error('an example reads no configuration')),
  connect: () => Promise.reject(new Error('an example connects to nothing')),
  figures: () => Promise.reject(new Error('an example asks nothing')),
  machine: () => Promise.reject(new Error('an example asks nothing')),
  top: () => Promise.reject(new Error('an example asks nothing')),
}

const whole = await createProgram(context)
const shown = everyCommand(whole).filter((command) => !isHidden(command))
const resourceCommands = ['get', 'describe', 'delete', 'wait']

test.each(shown.map((command) => ({ name: command.name(), command })))(
  'the help of $name shows an example',
  ({ command }) => {
    expect(examplesOf(command)).not.toEqual([])
  },
)

describe.each(shown.flatMap(examplesOf).map((example) => ({ example })))('$example', (one) => {
  test('is a command line that is understood, with types that there are', async () => {
    const { name, args } = await parse(wordsOf(one.example))
    if (resourceCommands.includes(name)) {
      expect(parseResourceArguments(kinds, args)).not.toEqual([])
    }
  })
})

/** Parses as the command itself does, but carries nothing out. */
async function parse(words: readonly string[]) {
  const program = await createProgram(context, words)
  let called = { name: '', args: [] as readonly string[] }
  for (const command of everyCommand(program)) {
    if (command.commands.length > 0) continue
    command.action(() => {
      called = { name: command.name(), args: command.args }
    })
  }
  await program.parseAsync([...words], { from: 'user' })
  expect(called.name).not.toBe('')
  return called
}

function everyCommand(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(everyCommand)]
}

function isHidden(command: Command): boolean {
  const parent = command.parent
  return parent !== null && !parent.createHelp().visibleCommands(parent).includes(command)
}

/** Each call of `pulse` in the examples of a help text. */
function examplesOf(command: Command): readonly string[] {
  let help = ''
  command.configureOutput({
    writeOut: (piece) => {
      help += piece
    },
  })
  command.outputHelp()
  const [, examples = ''] = help.split(/^Examples:$/m)
  const [block = ''] = examples.trimStart().split('\n\n')
  return block
    .split(/\n|&&|\||<\(|\)|>/)
    .map((piece) => piece.trim())
    .filter((piece) => piece.startsWith('pulse '))
}

/** The words of a line; what stands after two spaces explains it. */
function wordsOf(example: string): readonly string[] {
  const [line = ''] = example.split(/\s{2,}/)
  return [...line.matchAll(/(?:"[^"]*"|'[^']*'|\S)+/g)]
    .map(([word]) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'))
    .slice(1)
}
