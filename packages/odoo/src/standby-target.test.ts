import { describe, expect, test } from 'vitest'
import { reasonNotToFill, standbyTarget } from './standby-target.ts'

test.each([
  { recentClaims: 0, fillSeconds: 3, target: 1 },
  { recentClaims: 1, fillSeconds: 3, target: 2 },
  { recentClaims: 100, fillSeconds: 6, target: 2 },
  { recentClaims: 101, fillSeconds: 6, target: 3 },
  { recentClaims: 5_000, fillSeconds: 60, target: 10 },
])(
  '$recentClaims claims in ten minutes at $fillSeconds s each keep $target',
  ({ target, ...demand }) => {
    expect(standbyTarget(demand)).toBe(target)
  },
)

describe('filling waits', () => {
  const idle = { ready: 0, target: 1, claimWaits: false, freeDisk: 0.5 }

  test('for nothing when one is missing', () => {
    expect(reasonNotToFill(idle)).toBeUndefined()
  })
  test('while a claim waits', () => {
    expect(reasonNotToFill({ ...idle, claimWaits: true })).toBe('ClaimWaits')
  })
  test('below a tenth of free disk', () => {
    expect(reasonNotToFill({ ...idle, freeDisk: 0.0999 })).toBe('DiskNearlyFull')
    expect(reasonNotToFill({ ...idle, freeDisk: 0.1 })).toBeUndefined()
  })
  test('for no disk that cannot be seen from here', () => {
    expect(reasonNotToFill({ ...idle, freeDisk: undefined })).toBeUndefined()
  })
  test('once there are enough', () => {
    expect(reasonNotToFill({ ...idle, ready: 1 })).toBe('Enough')
  })
})
