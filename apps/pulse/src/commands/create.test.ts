import { expect, test } from 'vitest'
import { exitCodes } from '../exit.ts'
import { createTestCommand } from './pulse-command.suite.ts'
import { waitUntil } from './wait-until.ts'

const kind = { apiVersion: 'planapulse.com/v1alpha1', kind: 'PLANAClient' }

/** `pulse create acme`, up to where it waits. */
async function creating() {
  const command = createTestCommand()
  const created = command.pulse('create', 'acme', '--owner', 'a@acme.bg')
  const seen = created.catch((error: unknown) => error)
  const { signal } = new AbortController()
  await waitUntil(
    command.store,
    { ...kind, name: 'acme' },
    {
      timeoutMs: 10_000,
      signal,
      holds: (client) => client !== undefined,
    },
  )
  return { ...command, seen }
}

test('a tenant that is deleted meanwhile is not waited for', async () => {
  const { store, seen } = await creating()
  await store.delete({ ...kind, name: 'acme' })
  expect(await seen).toMatchObject({ message: 'tenant acme was deleted meanwhile' })
})

test('after Ctrl-C people know that the tenant stays, and where its password is', async () => {
  const { interrupt, seen } = await creating()
  interrupt()
  expect(await seen).toMatchObject({
    message: expect.stringMatching(/tenant acme stays .* pulse open acme --login$/),
    exitCode: exitCodes.interrupted,
  })
})
