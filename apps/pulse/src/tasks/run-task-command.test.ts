import { finalExitCode } from '@pulse/compositions'
import { FinalError, machinePlaces } from '@pulse/odoo'
import { expect, test } from 'vitest'
import { runTaskCommand } from './run-task-command.ts'

/** `pulse task purge` on a server whose connection ends so. */
async function ended(error: Error, signal = new AbortController().signal) {
  const lines: string[] = []
  const refused = () => Promise.reject(error)
  const exitCode = await runTaskCommand(
    ['task', 'purge'],
    {
      administration: {
        connect: refused,
        connectAs: refused,
        registerDatabase: 'pulse',
        tenant: { host: 'localhost', port: 5432 },
      },
      results: { applySecret: refused, applyConfigMap: refused, getSecret: refused },
      filestore: machinePlaces('/nowhere'),
      runtimes: () => undefined,
      now: () => new Date(0),
      checkLeaks: refused,
    },
    { level: 'silent', write: (line) => lines.push(line), signal },
  )
  return { exitCode, lastWords: lines.at(-1) }
}

test('what trying again cannot mend has an exit code of its own', async () => {
  expect(await ended(new FinalError('this is no dump'))).toEqual({
    exitCode: finalExitCode,
    lastWords: 'this is no dump\n',
  })
})

test('everything else may be tried again', async () => {
  expect(await ended(new Error('connection refused'))).toMatchObject({ exitCode: 1 })
})

test('a task that was stopped may be tried again, whatever it met on its way', async () => {
  const stopped = await ended(new FinalError('pg_restore failed'), AbortSignal.abort())
  expect(stopped).toMatchObject({ exitCode: 1 })
})
