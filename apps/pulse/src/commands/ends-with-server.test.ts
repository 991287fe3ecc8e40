import { StatusError } from '@pulse/api'
import { beforeEach, expect, test } from 'vitest'
import { exitCodes } from '../exit.ts'
import { endsWithServer } from './ends-with-server.ts'
import { notRunning } from './not-running.ts'
import { createTestCommand } from './pulse-command.suite.ts'

const ref = { apiVersion: 'planapulse.com/v1alpha1', kind: 'PLANAClient', name: 'acme' }
const gone = { exitCode: exitCodes.notRunning }
const away = new StatusError('ServiceUnavailable', 'the API cannot be reached')

let seconds: number
let answers: boolean
let isThere: boolean
beforeEach(() => {
  seconds = 0
  answers = false
  isThere = false
})

function waiting() {
  const { cluster } = createTestCommand()
  return endsWithServer(
    { ...cluster, get: async () => (answers ? undefined : Promise.reject(away)) },
    {
      isThere: async () => isThere,
      refusal: () => notRunning('/state', (words) => `pulse ${words}`),
      now: () => seconds * 1000,
    },
  )
}

test('a server that does not come back ends the wait, with what to do', async () => {
  const cluster = waiting()
  await expect(cluster.get(ref)).rejects.toBe(away)
  seconds = 14
  await expect(cluster.get(ref)).rejects.toBe(away)
  seconds = 15
  await expect(cluster.get(ref)).rejects.toMatchObject(gone)
  await expect(cluster.get(ref)).rejects.toThrow('start it with pulse up')
})

test('a restart ends no wait, and the next absence is counted anew', async () => {
  const cluster = waiting()
  await expect(cluster.get(ref)).rejects.toBe(away)
  answers = true
  seconds = 14
  expect(await cluster.get(ref)).toBeUndefined()
  answers = false
  seconds = 16
  await expect(cluster.get(ref)).rejects.toBe(away)
})

test('a server that is there but has not opened its doors is waited for', async () => {
  const cluster = waiting()
  isThere = true
  for (const later of [0, 15, 30, 45]) {
    seconds = later
    await expect(cluster.get(ref)).rejects.toBe(away)
  }
})
