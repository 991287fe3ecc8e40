import { StatusError } from '@pulse/api'
import { expect, test } from 'vitest'
import { measurePasses } from './controller-observer.ts'

test('each pass is told with how it ended; a conflict is no failure, and its error goes on', async () => {
  const told: boolean[] = []
  const measured = measurePasses('job', {
    started: () => undefined,
    passed: (_, { failed }) => void told.push(failed),
  })
  expect(await measured(async () => 7)).toBe(7)
  const conflict = new StatusError('Conflict', 'somebody was faster')
  await expect(measured(() => Promise.reject(conflict))).rejects.toBe(conflict)
  await expect(measured(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(told).toEqual([false, false, true])
})
