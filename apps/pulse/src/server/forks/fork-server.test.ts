import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createForkServer, forkedCondition, problemOf } from './fork-server.ts'

test('a starting parent is a problem that passes, a failed one is told with its reason', () => {
  expect(problemOf({ type: 'ready' })).toBeUndefined()
  expect(problemOf({ type: 'starting' })).toMatchObject({ isPassing: true })
  expect(problemOf({ type: 'failed', reason: 'ended with code 1' })).toEqual({
    reason: 'ParentFailed',
    message: 'ended with code 1; it is tried again ever more seldom',
    isPassing: false,
  })
})

test('the Node says of each major whether its instances are forked', () => {
  expect(forkedCondition('18', { type: 'ready' })).toEqual({
    type: 'Forked-18',
    status: 'True',
    reason: 'ParentReady',
  })
  expect(forkedCondition('17', { type: 'failed', reason: 'x is writable by everybody' })).toEqual({
    type: 'Forked-17',
    status: 'False',
    reason: 'ParentFailed',
    message: 'x is writable by everybody; it is tried again ever more seldom',
  })
})

test('a parent that does not answer in time is replaced', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pulse-silent-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const socket = join(folder, 'socket')
  const silent = createServer().listen(socket)
  await once(silent, 'listening')
  onTestFinished(() => void silent.close())
  const replaced: string[] = []
  const parent = {
    state: () => ({ type: 'ready' }) as const,
    replace: () => void replaced.push('replaced'),
  }
  const server = createForkServer({ standIn: false }, socket, parent)
  const late = new AbortController()
  const forked = server.fork(request, late.signal)
  late.abort(new DOMException('too late', 'TimeoutError'))
  await expect(forked).rejects.toThrow('no fork in time')
  expect(replaced).toHaveLength(1)
})

const request = {
  ...{ token: 't', gate: '/g', birth: '/b', log: '/l', cgroups: [], mounts: undefined },
  ...{
    user: undefined,
    mostProcesses: undefined,
    workingDir: '/',
    variables: new Map<string, string>(),
    command: ['true'],
  },
}
