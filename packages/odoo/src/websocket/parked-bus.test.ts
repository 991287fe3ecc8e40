import { describe, expect, test } from 'vitest'
import type { BusConversation, BusMessage } from './bus-conversation.ts'
import { createParkedBus, type ParkedBusOptions } from './parked-bus.ts'

const text = (data: unknown): BusMessage => ({
  data: Buffer.from(JSON.stringify(data)),
  isBinary: false,
})
const subscribe = (last: unknown, ...channels: string[]) =>
  text({ event_name: 'subscribe', data: { channels, last } })
const presence = (inactivityPeriod: number) =>
  text({
    event_name: 'update_presence',
    data: { inactivity_period: inactivityPeriod, im_status_ids_by_model: {} },
  })
const notifications = (...ids: number[]) =>
  text(ids.map((id) => ({ id, message: { type: 'note', payload: { id: 9_999, message: 'x' } } })))

function converse(options: Partial<ParkedBusOptions> = {}): BusConversation {
  const bus = createParkedBus({ now: () => 0, ...options })
  return bus.converse({ hostname: 'acme.localhost' })
}

const resumed = (conversation: BusConversation): unknown[] =>
  conversation.resume().map(({ data }) => JSON.parse(data.toString()))

const subscribedWith = (last: number, ...channels: string[]) => ({
  event_name: 'subscribe',
  data: { channels, last },
})

describe('what the next server is told', () => {
  test('nothing of a client that has said nothing', () => {
    expect(converse().resume()).toEqual([])
  })

  test('the newest subscription, from the highest notification that the client has', () => {
    const conversation = converse()
    conversation.hear(subscribe(5, 'old'))
    conversation.heed(notifications(6, 9))
    conversation.heed(notifications(8))
    conversation.hear(subscribe(6, 'discuss', 'editor'))
    expect(resumed(conversation)).toEqual([subscribedWith(9, 'discuss', 'editor')])
  })

  test('of a message too long to be read whole, all again that came after its first notification', () => {
    const conversation = converse()
    conversation.hear(subscribe(5, 'discuss'))
    const long = { id: 7, message: { type: 'note', payload: 'x'.repeat(300_000) } }
    conversation.heed(text([long, { ...long, id: 9 }]))
    expect(resumed(conversation)).toEqual([subscribedWith(7, 'discuss')])
  })

  test("the client's own position while the server has told of nothing", () => {
    const conversation = converse()
    conversation.hear(subscribe(5, 'discuss'))
    expect(resumed(conversation)).toEqual([subscribedWith(5, 'discuss')])
  })

  test('the position that the bus had when a client subscribed that knew nothing', async () => {
    const asked: string[] = []
    const conversation = converse({
      readPosition: async (hostname) => asked.push(hostname) && 41,
    })
    conversation.hear(subscribe(0))
    await Promise.resolve()
    expect(asked).toEqual(['acme.localhost'])
    await expect.poll(() => resumed(conversation)).toEqual([subscribedWith(41)])
    conversation.heed(notifications(50))
    expect(resumed(conversation)).toEqual([subscribedWith(50)])
  })

  test('the beginning, when the bus was empty: to Odoo, 0 would mean the last seconds', async () => {
    const conversation = converse({ readPosition: async () => 0 })
    conversation.hear(subscribe(0))
    await expect.poll(() => resumed(conversation)).toEqual([subscribedWith(-1)])
  })

  test('0, when nobody can tell where the bus stood', async () => {
    const conversation = converse({ readPosition: () => Promise.reject(new Error('no database')) })
    conversation.hear(subscribe(0))
    await Promise.resolve()
    expect(resumed(conversation)).toEqual([subscribedWith(0)])
  })

  test('the lower ids of a database that was restored in the meantime', () => {
    const conversation = converse()
    conversation.hear(subscribe(5_000))
    conversation.heed(notifications(5_001))
    conversation.resume()
    conversation.heed(notifications(101, 102))
    expect(resumed(conversation)).toEqual([subscribedWith(102)])
  })

  test('the newest presence, as much older as time has passed', () => {
    let now = 1_000
    const conversation = converse({ now: () => now })
    conversation.hear(presence(0))
    conversation.hear(presence(200))
    now = 61_000
    expect(resumed(conversation)).toEqual([
      {
        event_name: 'update_presence',
        data: { inactivity_period: 60_200, im_status_ids_by_model: {} },
      },
    ])
  })
})

describe('what a client says', () => {
  test.each([
    ['a subscription', subscribe(0), 'kept'],
    ['a presence', presence(0), 'kept'],
    ['another event', text({ event_name: 'something', data: {} }), 'activity'],
    ['no event', text([1, 2]), 'activity'],
    ['no JSON', { data: Buffer.from('hello'), isBinary: false }, 'activity'],
  ] as const)('%s is taken for what it is', (_what, message, hearing) => {
    expect(converse().hear(message)).toBe(hearing)
  })

  test('a subscription that is too long is passed on and not kept, nor is the one before it', () => {
    const conversation = converse({ keptFrameBytesMax: 200 })
    conversation.hear(subscribe(0, 'discuss'))
    expect(conversation.hear(subscribe(0, 'x'.repeat(200)))).toBe('unkeepable')
    expect(conversation.resume()).toEqual([])
    expect(conversation.keptBytes).toBe(0)
  })

  test('a presence that is too long is passed on and not kept; it comes again by itself', () => {
    const conversation = converse({ keptFrameBytesMax: 200 })
    const long = text({ event_name: 'update_presence', data: { ids: 'x'.repeat(200) } })
    expect(conversation.hear(long)).toBe('kept')
    expect(conversation.resume()).toEqual([])
  })

  test('anything else that is long is activity', () => {
    const conversation = converse({ keptFrameBytesMax: 200 })
    expect(conversation.hear(text({ other: 'x'.repeat(200) }))).toBe('activity')
  })

  test('what it keeps is counted', () => {
    const conversation = converse()
    const [first, second] = [subscribe(0, 'discuss'), presence(0)]
    conversation.hear(first)
    conversation.hear(second)
    conversation.hear(second)
    expect(conversation.keptBytes).toBe(first.data.length + second.data.length)
  })
})

test.each([
  [1000, '', false],
  [1000, 'OUTDATED_VERSION', false],
  [1001, '', true],
  [1002, '', false],
  [1005, '', false],
  [1006, '', true],
  [1008, '', false],
  [1009, '', false],
  [1011, '', true],
  [1012, '', true],
  [1013, '', true],
  [4001, '', false],
  [4002, '', true],
] as const)('an end of Odoo with %s %s is absorbed: %s', (code, reason, absorbed) => {
  expect(createParkedBus({ now: () => 0 }).isAbsorbed({ code, reason })).toBe(absorbed)
})

test('a handshake without an Origin is one that Odoo refuses', () => {
  const { objection } = createParkedBus({ now: () => 0 })
  expect(objection({})).toMatch(/origin/)
  expect(objection({ origin: 'https://shop.example' })).toBeUndefined()
})

test.each([
  [200, '{"jsonrpc": "2.0", "id": null}', true],
  [200, '{"jsonrpc": "2.0", "id": null, "result": null}', true],
  [
    200,
    '{"jsonrpc": "2.0", "id": null, "error": {"code": 100, "message": "Session Expired"}}',
    false,
  ],
  [
    200,
    '{"jsonrpc": "2.0", "id": null, "error": {"code": 200, "message": "Odoo Server Error"}}',
    undefined,
  ],
  [200, '<html>', undefined],
  [404, '{}', undefined],
] as const)('the answer %s %s tells of a session: %s', (status, body, loggedIn) => {
  expect(createParkedBus({ now: () => 0 }).session.isLoggedIn({ status, body })).toBe(loggedIn)
})

test.each([
  ['session_id=abc', 'abc'],
  ['frontend_lang=bg_BG; session_id=abc; tz=Europe/Sofia', 'abc'],
  ['a_session_id=abc', undefined],
  ['session_id=', undefined],
  [undefined, undefined],
] as const)('the cookies %s are of the session %s', (cookie, key) => {
  expect(createParkedBus({ now: () => 0 }).session.keyOf(cookie)).toBe(key)
})

test.each([
  ['/web/session/logout', true],
  ['/web/session/destroy', true],
  ['/web/session/check', false],
  ['/web/session/logout/x', false],
] as const)('%s ends a session: %s', (path, ends) => {
  expect(createParkedBus({ now: () => 0 }).session.isLogout(path)).toBe(ends)
})

test('a long poll in whose time nothing happens is answered by the whole of an empty JSON-RPC result', () => {
  const { nothingNew } = createParkedBus({ now: () => 0 }).polls
  expect(JSON.parse(nothingNew.body)).toEqual({ jsonrpc: '2.0', id: null, result: [] })
  expect(nothingNew.headers['Content-Length']).toBe(String(Buffer.byteLength(nothingNew.body)))
})
