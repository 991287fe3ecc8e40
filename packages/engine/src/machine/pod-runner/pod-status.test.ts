import { describe, expect, test } from 'vitest'
import type { Ended } from './journal.ts'
import { type Pod, parsePod } from './pod.ts'
import { type ContainerView, makePodStatus, type PodView, phaseOf } from './pod-status.ts'

const now = '2026-01-02T03:04:05Z'
const running = viewOf(
  { type: 'running', token: 't', startedAt: now },
  { started: true, ready: true },
)
const succeeded = viewOf({ type: 'terminated', ended: endedWith(0) })
const failed = viewOf({ type: 'terminated', ended: endedWith(1) })
const created = viewOf({ type: 'waiting', reason: 'ContainerCreating' })
const crashing = viewOf({ type: 'waiting', reason: 'CrashLoopBackOff' }, { last: endedWith(1) })

describe('phase', () => {
  test.each([
    ['Always', undefined, 'Pending'],
    ['Always', created, 'Pending'],
    ['Always', running, 'Running'],
    ['Always', crashing, 'Running'],
    ['Always', succeeded, 'Running'],
    ['OnFailure', succeeded, 'Succeeded'],
    ['OnFailure', failed, 'Running'],
    ['Never', succeeded, 'Succeeded'],
    ['Never', failed, 'Failed'],
  ] as const)('%s, %j: %s', (restartPolicy, view, expected) => {
    expect(phaseOf(podWith({ restartPolicy }), podView(view ? { main: view } : {}))).toBe(expected)
  })

  test('is Pending until all init containers have succeeded', () => {
    const pod = podWith({ initContainers: [{ name: 'first' }, { name: 'second' }] })
    expect(phaseOf(pod, podView({ first: succeeded, second: running }))).toBe('Pending')
    expect(phaseOf(pod, podView({ first: succeeded, second: succeeded, main: running }))).toBe(
      'Running',
    )
  })

  test('is Failed when an init container fails for good', () => {
    const pod = podWith({ restartPolicy: 'Never', initContainers: [{ name: 'first' }] })
    expect(phaseOf(pod, podView({ first: failed }))).toBe('Failed')
  })
})

test('a condition keeps its transition time while its status stays', () => {
  const earlier = makePodStatus(podWith({}), podView({ main: created }), '2020-01-01T00:00:00Z')
  const later = makePodStatus(podWith({}, earlier), podView({ main: running }), now)
  expect(later.conditions).toEqual([
    { type: 'PodScheduled', status: 'True', lastTransitionTime: '2020-01-01T00:00:00Z' },
    { type: 'Initialized', status: 'True', lastTransitionTime: '2020-01-01T00:00:00Z' },
    { type: 'ContainersReady', status: 'True', lastTransitionTime: now },
    { type: 'Ready', status: 'True', lastTransitionTime: now },
  ])
})

test('the same state gives the same status, whatever the hour', () => {
  const status = makePodStatus(podWith({}), podView({ main: running }), now)
  expect(
    makePodStatus(podWith({}, status), podView({ main: running }), '2030-01-01T00:00:00Z'),
  ).toEqual(status)
})

test('a container that crashes tells why it waits and how it ended', () => {
  const { containerStatuses } = makePodStatus(podWith({}), podView({ main: crashing }), now)
  expect(containerStatuses).toMatchObject([
    {
      ready: false,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 1, reason: 'Error', message: 'last words' } },
    },
  ])
})

function endedWith(exitCode: number): Ended {
  const reason = exitCode === 0 ? 'Completed' : 'Error'
  return { token: 't', exitCode, reason, message: 'last words', startedAt: now, finishedAt: now }
}

function viewOf(state: ContainerView['state'], rest: Partial<ContainerView> = {}): ContainerView {
  return { state, last: undefined, restarts: 0, started: false, ready: false, ...rest }
}

function podView(containers: Record<string, ContainerView>): PodView {
  return {
    address: '127.64.1.1',
    startedAt: now,
    containers: new Map(Object.entries(containers)),
    failure: undefined,
    facts: [],
  }
}

function podWith(spec: object, status: object = {}): Pod {
  return parsePod({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'n', uid: 'u' },
    spec: { containers: [{ name: 'main', image: 'i' }], ...spec },
    status,
  })
}
