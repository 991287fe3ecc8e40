import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createWakeJudge, defaultWakeLimits, type WakeWish } from './wake-limits.ts'

function underTest(limits = defaultWakeLimits) {
  const clock = { ms: 5_000_000 }
  const judge = createWakeJudge(() => clock.ms, limits)
  const stranger = (wish: Partial<WakeWish> = {}) =>
    judge.judge({ environment: 'acme-prod', entitled: false, ...wish })
  const times = (count: number, wish: (at: number) => Partial<WakeWish>) =>
    Array.from({ length: count }, (_, at) => stranger(wish(at))).filter(({ allowed }) => allowed)
      .length
  return { clock, judge, stranger, times }
}

describe('strangers wake', () => {
  test('one environment ten times an hour, and are told when it is possible again', () => {
    const { clock, stranger, times } = underTest()
    expect(times(11, () => ({}))).toBe(10)
    expect(stranger()).toEqual({ allowed: false, beyond: 'environment', retryAfterSeconds: 360 })
    clock.ms += 359_000
    expect(stranger()).toEqual({ allowed: false, beyond: 'environment', retryAfterSeconds: 1 })
    clock.ms += 1_000
    expect(stranger()).toEqual({ allowed: true, extendIdleMs: 0 })
  })

  test('a hundred environments an hour from one address', () => {
    const { times, stranger } = underTest()
    const clientAddress = '198.51.100.1'
    expect(times(120, (at) => ({ environment: `e${at}`, clientAddress }))).toBe(100)
    expect(stranger({ environment: 'last', clientAddress })).toMatchObject({ beyond: 'address' })
    expect(stranger({ environment: 'last', clientAddress: '198.51.100.2' }).allowed).toBe(true)
  })

  test('a thousand environments a minute in all', () => {
    const { times, stranger } = underTest()
    expect(
      times(1_200, (at) => ({
        environment: `e${at}`,
        clientAddress: `10.0.${at >> 8}.${at & 255}`,
      })),
    ).toBe(1_000)
    expect(stranger({ environment: 'last' })).toEqual({
      allowed: false,
      beyond: 'all',
      retryAfterSeconds: 1,
    })
  })

  test('as often as the plan says', () => {
    const { times } = underTest()
    expect(times(50, () => ({ environmentPerHour: 30 }))).toBe(30)
  })

  test('no more often for having a whole IPv6 network', () => {
    const { times } = underTest()
    const of = (network: string) => (at: number) => ({
      environment: `e${at}`,
      clientAddress: `${network}:${(at + 1).toString(16)}`,
    })
    expect(times(150, of('2001:db8:1:2:'))).toBe(100)
    expect(times(150, of('2001:db8:1:3:'))).toBe(100)
  })
})

test('a refusal takes nothing: asking all the time does not push the next wake away', () => {
  const { clock, stranger, times } = underTest()
  times(10, () => ({}))
  for (let second = 0; second < 359; second += 1) {
    clock.ms += 1_000
    expect(stranger().allowed).toBe(false)
  }
  clock.ms += 1_000
  expect(stranger().allowed).toBe(true)
})

test('who is refused for one environment keeps the share of others', () => {
  const { times, stranger } = underTest()
  const clientAddress = '198.51.100.1'
  expect(times(500, () => ({ clientAddress }))).toBe(10)
  expect(stranger({ environment: 'other', clientAddress }).allowed).toBe(true)
})

test('a session, a login or a schedule is never refused: the environment stays awake longer instead', () => {
  const { stranger, times } = underTest({
    ...defaultWakeLimits,
    allPerMinute: 5,
    addressPerHour: 5,
  })
  times(10, () => ({ clientAddress: '198.51.100.1' }))
  const entitled = { entitled: true, clientAddress: '198.51.100.1' }
  for (let wake = 0; wake < 20; wake += 1) expect(stranger(entitled).allowed).toBe(true)
  // The longest wait of the three is that of the address.
  expect(stranger(entitled)).toEqual({ allowed: true, extendIdleMs: 720_000 })
  expect(stranger({ entitled: true })).toEqual({ allowed: true, extendIdleMs: 360_000 })
  const another = { environment: 'other', entitled: true }
  expect(stranger(another)).toEqual({ allowed: true, extendIdleMs: 12_000 })
})

test('wakes of the entitled leave the door to strangers shut for no longer than one bucket', () => {
  const { clock, stranger, times } = underTest()
  times(500, () => ({ entitled: true }))
  expect(stranger().allowed).toBe(false)
  clock.ms += 360_000
  expect(stranger().allowed).toBe(true)
})

test('any crowd of addresses is remembered in bounded memory, and the whole stays within its limit', () => {
  const { times } = underTest({ ...defaultWakeLimits, rememberedMax: 10 })
  expect(
    times(5_000, (at) => ({ environment: `e${at}`, clientAddress: `10.1.${at >> 8}.${at & 255}` })),
  ).toBe(1_000)
})

test('over any hour, strangers wake one environment at most twice its limit', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 600_000 }), { maxLength: 200 }), (pauses) => {
      const { clock, stranger } = underTest()
      const wakes: number[] = []
      for (const pause of pauses) {
        clock.ms += pause
        if (stranger().allowed) wakes.push(clock.ms)
      }
      for (const from of wakes) {
        expect(
          wakes.filter((at) => at >= from && at < from + 3_600_000).length,
        ).toBeLessThanOrEqual(20)
      }
    }),
  )
})

test('the next environment of a name has all its wakes, and an address no more than it had', () => {
  const { judge, times, stranger } = underTest({ ...defaultWakeLimits, addressPerHour: 15 })
  const clientAddress = '198.51.100.1'
  expect(times(11, () => ({ clientAddress }))).toBe(10)
  judge.forget('acme-prod')
  expect(times(11, () => ({ clientAddress }))).toBe(5)
  expect(stranger().allowed).toBe(true)
})
