import { expect, test } from 'vitest'
import { exitCodes } from '../exit.ts'
import { createTestCommand } from './pulse-command.suite.ts'

const commands = [
  'wake ../x',
  'sleep Acme',
  'suspend ../x',
  'resume a/b',
  'open ../x',
  'logs ..',
  'get planaclients ../x',
  'describe planaclient %2e',
  'delete planaclient/-x',
]

test.each(commands)('`pulse %s` names what can be no name, and tells the rule', async (words) => {
  const { pulse } = createTestCommand()
  await expect(pulse(...words.split(' '))).rejects.toMatchObject({
    message: expect.stringMatching(/^"[^"]+" is no name: names have small letters, digits/),
    exitCode: exitCodes.usage,
  })
})
