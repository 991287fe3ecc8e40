import { expect, test } from 'vitest'
import { readConfig } from '../config.ts'
import { greetFirstTenant } from './first-tenant.ts'
import { createTestCommand } from './pulse-command.suite.ts'

const kind = { apiVersion: 'planapulse.com/v1alpha1', kind: 'PLANAClient' }

function greeting() {
  const { store, cluster, written } = createTestCommand()
  const terminal = (name: 'out' | 'err') => ({
    interactive: false,
    write(text: string) {
      written[name] += text
    },
  })
  const end = new AbortController()
  const greeted = () =>
    greetFirstTenant('demo', readConfig({ stateDir: '/nowhere' }), {
      out: terminal('out'),
      err: terminal('err'),
      connect: async () => cluster,
      hint: (words) => `pulse ${words}`,
      signal: end.signal,
    })
  const create = (name: string) =>
    store.create(
      {
        ...kind,
        metadata: { name },
        spec: { subdomain: name, projectId: 1, ownerEmail: 'a@acme.bg', ownerName: 'Acme' },
      },
      { fieldManager: 'test' },
    )
  const find = () => store.get({ ...kind, name: 'demo' })
  return { greeted, create, find, written, end: () => end.abort() }
}

test('where there are other tenants, one that was deleted is not made anew', async () => {
  const { greeted, create, find, written } = greeting()
  await create('acme')
  await greeted()
  expect(await find()).toBeUndefined()
  expect(written.out).toBe('Tenants are there already: pulse get planaclients\n')
})

test('where there is none at all it is made', async () => {
  const { greeted, find, end } = greeting()
  const done = greeted()
  await expect.poll(find, { timeout: 5000 }).toBeDefined()
  end()
  await done
})

test('one that is there is pointed to', async () => {
  const { greeted, create, written } = greeting()
  await create('demo')
  await greeted()
  expect(written.out).toContain('Tenant demo is there already: pulse open demo')
})
