import { describe, expect, test } from 'vitest'
import { type Life, type LifeContext, type LifeEvent, newLife, stepLife } from './life.ts'

const now = 10_000
const context: LifeContext = {
  self: 'a',
  members: ['a', 'b'],
  now,
  epoch: now,
  idleMs: 1_000,
  isKept: false,
}

/** Somebody waits, and nothing is left of the process. */
const wanted: Life = {
  ...newLife({ generation: 1, state: 'down', words: [], since: 0 }, 0),
  backend: { status: 'gone' },
  held: 1,
}

describe('who comes back and waits where no process is left', () => {
  const isWoken = (life: Life) =>
    stepLife(life, { type: 'swept', isAsked: false }, context).effects.some(
      ({ type }) => type === 'write',
    )

  test('wakes it', () => {
    expect(isWoken(wanted)).toBe(true)
  })

  test('does not wake what is out of service', () => {
    expect(isWoken({ ...wanted, service: 'suspended' })).toBe(false)
    expect(isWoken({ ...wanted, service: 'disabled' })).toBe(false)
  })

  test('wakes what has failed when its time has come, and not before', () => {
    expect(isWoken({ ...wanted, failedUntil: now + 1 })).toBe(false)
    expect(isWoken({ ...wanted, failedUntil: now })).toBe(true)
  })
})

describe('who has left before it was woken', () => {
  const gone: Life = { ...wanted, held: 0, wantedUntil: now + 1 }
  const after = (life: Life, event: LifeEvent) => {
    const step = stepLife(life, event, context)
    return { wantedUntil: step.life.wantedUntil, isWoken: step.effects.length > 0 }
  }
  const looked: LifeEvent = { type: 'looked', backend: { status: 'gone' } }

  test('wakes it as long as he could have waited', () => {
    expect(after(gone, looked).isWoken).toBe(true)
    expect(after({ ...gone, wantedUntil: now }, looked).isWoken).toBe(false)
  })

  test('could have waited as long as the last of several', () => {
    const stopping: Life = { ...gone, held: 1, backend: { status: 'stopping' } }
    expect(after(stopping, { type: 'left', until: now }).wantedUntil).toBe(now + 1)
    expect(after(stopping, { type: 'left', until: now + 2 }).wantedUntil).toBe(now + 2)
  })

  test('wants nothing any more if it fails, goes out of service, or is no more', () => {
    for (const event of [
      { type: 'failed', until: now + 1 },
      { type: 'served', service: 'suspended' },
      { type: 'unwanted' },
    ] satisfies LifeEvent[]) {
      expect(after({ ...gone, backend: { status: 'stopping' } }, event).wantedUntil).toBeUndefined()
    }
  })

  test('wants nothing if he was turned away, or has left what is up or out of service', () => {
    const stopping: Life = { ...wanted, backend: { status: 'stopping' } }
    const up: Life = { ...wanted, record: { ...wanted.record, state: 'up' } }
    const left: LifeEvent = { type: 'left', until: now + 1 }
    expect(after(stopping, { type: 'left', until: undefined }).wantedUntil).toBeUndefined()
    expect(after(up, left).wantedUntil).toBeUndefined()
    expect(after({ ...stopping, service: 'disabled' }, left).wantedUntil).toBeUndefined()
    expect(after(stopping, left).wantedUntil).toBe(now + 1)
  })
})

describe('those who wait are told that it failed', () => {
  const told = (until: number | undefined) =>
    stepLife(wanted, { type: 'failed', until }, context).effects.map(({ type }) => type)

  test('while nobody is to try again', () => {
    expect(told(now + 1)).toContain('giveUp')
    expect(told(Number.POSITIVE_INFINITY)).toContain('giveUp')
  })

  test('but not when the time to try again has come', () => {
    expect(told(now)).not.toContain('giveUp')
    expect(told(undefined)).not.toContain('giveUp')
  })
})
