import { closeSync, openSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { describeDescriptors, mostIn, readDescriptors } from './descriptors.ts'

const none = () => 0

test('clients get half of what Pulse itself does not need: each may need a worker', () => {
  expect(describeDescriptors(1024, none)).toMatchObject({ clients: 320, apiClients: 64 })
  expect(describeDescriptors(65_536, none)).toMatchObject({ clients: 32_576, apiClients: 1_000 })
  expect(describeDescriptors(256, none)).toMatchObject({ clients: 16, apiClients: 16 })
  const unbounded = describeDescriptors(Number.POSITIVE_INFINITY, none)
  expect(unbounded.clients).toBe(Number.POSITIVE_INFINITY)
})

test('it is told when few are left', () => {
  const problems = (open: number) => describeDescriptors(1000, () => open).problems()
  expect(problems(899)).toEqual([])
  expect(problems(900)).toEqual([expect.stringContaining('as it may (1000): see ulimit -n')])
  expect(describeDescriptors(Number.POSITIVE_INFINITY, () => 10 ** 6).problems()).toEqual([])
})

test('the soft limit counts, and what is open is counted', () => {
  const limits = readFileSync('/proc/self/limits', 'utf8')
  expect(mostIn(limits.replace(/(Max open files +)\S+/, '$1512'))).toBe(512)
  expect(mostIn(limits.replace(/(Max open files +)\S+/, '$1unlimited'))).toBe(
    Number.POSITIVE_INFINITY,
  )
  const { most, open } = readDescriptors()
  expect(most).toBe(mostIn(limits))
  const before = open()
  const file = openSync('/dev/null', 'r')
  expect(open()).toBe(before + 1)
  closeSync(file)
})
