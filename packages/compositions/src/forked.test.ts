import type { Condition, KubeObject, TenantEnvironment } from '@pulse/api'
import { expect, test } from 'vitest'
import { forked } from './forked.ts'
import { machine } from './scenario.suite.ts'

type State = Omit<Condition, 'type'>

const ready: State = { status: 'True', reason: 'ParentReady' }
const failed: State = { status: 'False', reason: 'ParentFailed', message: 'ended with SIGKILL' }
const starting: State = { status: 'False', reason: 'ParentStarting', message: 'it is starting' }

test('what a parent does for a moment changes nothing that was said', () => {
  const states = [starting, ready, starting, ready, undefined, failed, starting, failed]
  const told: (string | undefined)[] = []
  let before: Condition | undefined
  for (const state of states) {
    before = forkedNow({ state, before })
    told.push(before && `${before.status} ${before.reason}`)
  }
  expect(told).toEqual([
    undefined,
    ...Array.from({ length: 4 }, () => 'True ParentReady'),
    ...Array.from({ length: 3 }, () => 'False ParentFailed'),
  ])
  expect(before?.message).toBe('starts plainly, which takes longer: ended with SIGKILL')
})

test('where nothing is forked nothing is said of it', () => {
  expect(forkedNow({ state: ready, hosting: 'pool' })).toBeUndefined()
  expect(forkedNow({ state: ready, isOff: true })).toBeUndefined()
  expect(forkedNow({ state: failed, major: '17' })).toBeUndefined()
})

interface Situation {
  readonly state: State | undefined
  readonly before?: Condition | undefined
  readonly hosting?: 'instance' | 'pool'
  readonly isOff?: boolean
  readonly major?: '17' | '18'
}

/** Of an environment of Odoo 18 on a Node that says this of forks of `major`. */
function forkedNow({ state, before, hosting = 'instance', isOff, major = '18' }: Situation) {
  const { forkingNode: _, ...plain } = machine
  return forked({
    environment: environmentOf(hosting, before),
    forkingNode: nodeOf(state === undefined ? [] : [{ ...state, type: `Forked-${major}` }]),
    parameters: isOff ? plain : { ...plain, forkingNode: 'pulse' },
  })
}

function nodeOf(conditions: readonly Condition[]): KubeObject {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name: 'pulse' }, status: { conditions } }
}

function environmentOf(
  hosting: 'instance' | 'pool',
  before: Condition | undefined,
): TenantEnvironment {
  return {
    apiVersion: 'planapulse.com/v1alpha1',
    kind: 'TenantEnvironment',
    metadata: { name: 'acme-prod' },
    spec: {
      client: 'acme',
      name: 'prod',
      odooVersion: '18',
      hosting,
      resources: 'pro',
      source: { template: { edition: 'pro' } },
      neutralise: false,
    },
    status: { conditions: before === undefined ? [] : [before] },
  }
}
