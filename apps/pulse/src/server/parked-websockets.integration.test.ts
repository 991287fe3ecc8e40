import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeParkedTenant, type ParkedTenant, patience, type Tab } from './parked-tenant.suite.ts'

describe('WebSockets of a tenant that sleeps and wakes', () => {
  let tenant: ParkedTenant

  beforeAll(async () => {
    tenant = await makeParkedTenant('18')
  })
  afterAll(() => tenant[Symbol.asyncDispose]())

  test('what is written for a user while parked arrives after the wake, once, and for nobody else', async () => {
    await tenant.wake()
    const [one, two] = await Promise.all([tenant.openTab('one'), tenant.openTab('two')])
    await subscribed(one, two)
    await tenant.notify('one', 'before')
    await expect.poll(one.payloads, patience).toEqual(['before'])

    await tenant.sleep()
    await tenant.notify('one', 'for one')
    await tenant.notify('two', 'for two')
    expect(tenant.gateway.parking.counts()).toEqual({ attached: 0, parked: 2 })

    await tenant.wake()
    await expect.poll(one.payloads, patience).toEqual(['before', 'for one'])
    await expect.poll(two.payloads, patience).toEqual(['for two'])
    expect([one.isOpen(), two.isOpen()]).toEqual([true, true])
  })

  test('what was written long before the wake arrives too, though the client had read nothing yet', async () => {
    await tenant.wake()
    const before = tenant.positions()
    const one = await tenant.openTab('one')
    await subscribed(one)
    await expect.poll(tenant.positions, patience).toBe(before + 1)
    await tenant.sleep()
    await tenant.notify('one', 'old')
    await tenant.query(`UPDATE bus_bus SET create_date = create_date - interval '8 hours'`)
    await tenant.wake()
    await expect.poll(one.payloads, patience).toContain('old')
  })

  test('opened while asleep, a tab hears what is written from then on', async () => {
    await tenant.wake()
    const [before, positions] = [tenant.wakes(), tenant.positions()]
    const person = tenant.visitor()
    await person.logIn('two', 'admin')
    await tenant.sleep()
    const two = await tenant.openTabAs(person)
    await subscribed(two)
    await expect.poll(tenant.positions, patience).toBe(positions + 1)
    await tenant.notify('two', 'good morning')
    expect(tenant.wakes()).toBe(before)
    await tenant.wake()
    await expect.poll(two.payloads, patience).toContain('good morning')
  })

  test('neither subscriptions nor presences wake, and the newest presence is told after the wake', async () => {
    await tenant.wake()
    const one = await tenant.openTab('one')
    one.say('update_presence', { inactivity_period: 0, im_status_ids_by_model: {} })
    await expect.poll(() => statusOf('one'), patience).toBe('online')
    await tenant.sleep()
    const before = tenant.wakes()
    await subscribed(one)
    one.say('update_presence', { inactivity_period: 3_600_000, im_status_ids_by_model: {} })
    await answered(one)
    expect(tenant.wakes()).toBe(before)
    await tenant.wake()
    await expect.poll(() => statusOf('one'), patience).toBe('away')
  })

  test('who logs out in another tab while parked is told after the wake (4001)', async () => {
    await tenant.wake()
    const one = await tenant.openTab('one')
    await subscribed(one)
    // The answer to this comes after that to the gateway's own question about the session.
    await one.visitor.get('/web/login')
    await tenant.sleep()
    await tenant.start()
    await one.visitor.get('/web/session/logout')
    await tenant.wake()
    expect(await one.closed).toEqual([4001, ''])
  })

  test('whose database was upgraded while parked is told after the wake (1000 OUTDATED_VERSION)', async () => {
    await using other = await makeParkedTenant('18')
    const person = other.visitor()
    await person.get('/web/login')
    const tab = await other.openTabAs(person)
    await other.sleep()
    await other.upgradeTo('19')
    await other.wake()
    expect(await tab.closed).toEqual([1000, 'OUTDATED_VERSION'])
  })

  async function statusOf(login: string): Promise<unknown> {
    const [row] = await tenant.query(
      `SELECT status FROM bus_presence JOIN res_users u ON u.id = user_id WHERE login = '${login}'`,
    )
    return row?.status
  }
})

/** A ping is answered in its turn, so the subscription has been taken by then. */
async function subscribed(...tabs: Tab[]) {
  for (const tab of tabs) {
    tab.subscribe(0)
    await answered(tab)
  }
}

async function answered({ socket }: Tab) {
  socket.ping()
  await once(socket, 'pong')
}
