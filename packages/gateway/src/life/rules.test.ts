import { describe, expect, test } from 'vitest'
import { type Life, type LifeContext, newLife, stepLife } from './life.ts'

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
