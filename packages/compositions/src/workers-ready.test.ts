import type { KubeObject } from '@pulse/api'
import { expect, test } from 'vitest'
import { workersReady } from './workers-ready.ts'

const environment: KubeObject = {
  apiVersion: 'planapulse.com/v1alpha1',
  kind: 'TenantEnvironment',
  metadata: { name: 'acme-prod' },
}
const deployment: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'odoo-acme' },
  spec: { replicas: 1 },
}

function judge(container: Readonly<Record<string, unknown>>) {
  const pod = {
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'odoo-acme-1' } },
    status: { containerStatuses: [{ name: 'odoo', ready: false, ...container }] },
  }
  return workersReady(environment, { deployment, pods: [pod] })
}

const startedAt = '2026-11-21T15:00:00Z'
const running = { running: { startedAt } }
const ended = (fields: Readonly<Record<string, unknown>> = {}) => ({
  terminated: {
    ...{ exitCode: 1, reason: 'Error', message: 'the library is broken' },
    ...{ startedAt, finishedAt: '2026-11-21T15:00:05Z' },
    ...fields,
  },
})

test.each([
  ['has just ended', { state: ended(), lastState: {}, restartCount: 0 }],
  ['is started again at once', { state: running, lastState: ended(), restartCount: 1 }],
])('one crash is no loop: the worker %s', (_, container) => {
  expect(judge(container)).toMatchObject({
    status: 'False',
    reason: 'Error',
    message: 'the worker ended with exit code 1: the library is broken',
  })
})

const access = '2026-11-21 15:00:04,123 42 INFO acme werkzeug: 127.0.0.1 - - "GET / HTTP/1.1" 200 -'
const failure = '2026-11-21 15:00:04,123 42 ERROR acme odoo.http: Exception during request'
const trace =
  'Traceback (most recent call last):\n  File "a.py", line 1, in f\na.b.UndefinedTable: no'

test.each([
  ['killed after a request', 137, access, 'the worker ended by signal 9'],
  ['killed after its own output', 137, 'processed 5 rows', 'the worker ended by signal 9'],
  ['ended after a request', 1, access, 'the worker ended with exit code 1'],
  ['ended in silence', 3, '', 'the worker ended with exit code 3'],
  ['killed after a traceback', 139, trace, 'the worker ended by signal 11: a.b.UndefinedTable: no'],
  [
    'an error before requests',
    1,
    `${failure}\n${access}`,
    'exit code 1: odoo.http: Exception during request',
  ],
  ['wrong use', 2, `${access}\nodoo-bin: error: no such option`, ': odoo-bin: error: no such'],
  ['a fault of the interpreter', 134, 'Fatal Python error: x\n\n', '6: Fatal Python error: x'],
])('why it ended is how, and an error if its log ends so: %s', (_, exitCode, message, told) => {
  const lastState = ended({ exitCode, message })
  const condition = judge({ state: running, lastState, restartCount: 2 })
  if (told.startsWith('the worker')) expect(condition.message).toBe(told)
  else expect(condition.message).toContain(told)
})

test('a worker that was out of memory says so, whatever its log says', () => {
  const lastState = ended({ exitCode: 137, reason: 'OOMKilled', message: access })
  expect(judge({ state: running, lastState, restartCount: 1 }).message).toBe(
    'the worker ended by signal 9 (OOMKilled)',
  )
})

test('what has no end yet says why it waits', () => {
  const waits = { waiting: { reason: 'ErrImagePull', message: 'no image base-16' } }
  expect(judge({ state: waits, lastState: ended(), restartCount: 1 }).message).toBe(
    'no image base-16',
  )
})

test('a worker that was asked to end has not crashed, however often', () => {
  const lastState = ended({ exitCode: 143, reason: 'Stopped' })
  expect(judge({ state: running, lastState, restartCount: 4 }).reason).toBe('Starting')
})

test('how it ended is told in the words of Kubernetes', () => {
  const lastState = ended({ exitCode: 137, reason: 'OOMKilled' })
  expect(judge({ state: running, lastState, restartCount: 1 }).reason).toBe('OOMKilled')
  const untold = ended({ reason: undefined })
  expect(judge({ state: running, lastState: untold, restartCount: 1 }).reason).toBe('Error')
})

test.each([
  [
    'it waits for its next start',
    { state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: ended(), restartCount: 1 },
  ],
  ['it runs between two crashes', { state: running, lastState: ended(), restartCount: 2 }],
])('from the second restart on it is a loop, also while %s', (_, container) => {
  expect(judge(container)).toMatchObject({
    status: 'False',
    reason: 'CrashLoopBackOff',
    message: 'the worker ended with exit code 1: the library is broken',
  })
})

test('after a long life a crash is one alone again, however many there were', () => {
  const lastState = ended({ finishedAt: '2026-11-21T15:10:00Z' })
  expect(judge({ state: running, lastState, restartCount: 7 }).reason).toBe('Error')
})

test('a worker that is ready again is not held against its crash', () => {
  const container = { ready: true, state: running, lastState: ended(), restartCount: 1 }
  expect(judge(container).reason).toBe('Starting')
})

test('what a tenant has written into its log moves nothing on the terminal of who reads the condition', () => {
  const written = ended({
    message: 'Traceback\nboom\u001b[2J\u001b]0;owned\u0007\u202e\r\n\u009b\n',
  })
  expect(judge({ state: running, lastState: written, restartCount: 1 }).message).toBe(
    'the worker ended with exit code 1: boom[2J]0;owned',
  )
})
