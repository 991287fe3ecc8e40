import { expect, test } from 'vitest'
import { asForked, majorOf } from './majors.ts'

test('played as a fork, each major spends 0.45 s until its first page and is otherwise the same', () => {
  for (const name of ['17', '18', '19']) {
    const cold = majorOf(name)
    const { startMs, firstRegistryMs, ...rest } = asForked(cold)
    expect(startMs + firstRegistryMs).toBe(450)
    expect(cold).toMatchObject(rest)
  }
})
