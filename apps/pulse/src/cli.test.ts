import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { exitCodes } from './exit.ts'

test('a reader who goes away, as head does, ends the command without a word', async () => {
  const main = join(import.meta.dirname, 'main.ts')
  const command = spawn(process.execPath, [main, 'completion', 'bash'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  command.stdout.destroy()
  const [said, [exitCode]] = await Promise.all([text(command.stderr), once(command, 'exit')])
  expect(said).toBe('')
  expect(exitCode).toBe(exitCodes.closedPipe)
})
