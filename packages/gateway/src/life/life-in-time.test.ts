import { describe, expect, test } from 'vitest'
import { Violation } from './model/explore.suite.ts'
import { exploreTimed, type Happening, type TimedOptions } from './timed/explore.suite.ts'
import { mutations, ruleNames } from './timed/mutations.suite.ts'
import { soundRules } from './timed/rules.suite.ts'

/** Hundreds of thousands of worlds take seconds, and more on a busy machine. */
const patienceMs = 120_000

interface Story extends Omit<TimedOptions, 'rules'> {
  /** What has to come about in some of its worlds. */
  readonly tells: readonly Happening[]
}

const asleep = { isUpAtFirst: false }
const awake = { isUpAtFirst: true }

const stories = {
  'a request': {
    ...awake,
    requests: ['user'],
    budget: {},
    tells: ['answered', 'late', 'asleep', 'woken', 'called off'],
  },
  'two requests to one that sleeps': {
    ...asleep,
    requests: ['user', 'user'],
    budget: {},
    tells: ['answered', 'late', 'asleep', 'woken', 'called off'],
  },
  'a client that leaves': {
    ...awake,
    requests: ['user'],
    budget: { departures: 1 },
    tells: ['answered', 'left', 'asleep', 'woken', 'called off'],
  },
  'users who show themselves': {
    ...awake,
    requests: [],
    budget: { signs: 2 },
    tells: ['asleep', 'called off'],
  },
  'a wake for schedules, and a user who comes meanwhile': {
    ...asleep,
    requests: ['schedule'],
    budget: { signs: 1 },
    tells: ['answered', 'woken', 'called off'],
  },
  'a wake for schedules that keep it awake': {
    ...asleep,
    requests: ['schedule'],
    budget: { keeps: 1 },
    tells: ['answered', 'woken'],
  },
  'one that is kept awake while a user shows himself': {
    ...awake,
    requests: [],
    budget: { keeps: 1, signs: 1 },
    tells: ['asleep', 'called off'],
  },
  'an order to sleep while a user shows himself': {
    ...awake,
    requests: [],
    budget: { orders: 1, signs: 1 },
    tells: ['asleep', 'called off'],
  },
  'an order to sleep, and a request': {
    ...awake,
    requests: ['user'],
    budget: { orders: 1 },
    tells: ['answered', 'late', 'asleep', 'woken', 'called off'],
  },
  'a process that fails, and a request': {
    ...awake,
    requests: ['user'],
    budget: { failures: 1 },
    tells: ['answered', 'failed', 'asleep', 'woken'],
  },
  'a process that fails and is mended': {
    ...awake,
    requests: [],
    budget: { failures: 1, repairs: 1 },
    tells: ['asleep'],
  },
  'a worker that is sealed and starts anew in its place, and a request': {
    ...awake,
    requests: ['user'],
    budget: { renewals: 1 },
    tells: ['answered', 'asleep', 'woken', 'called off'],
  },
  'out of service and back': {
    ...awake,
    requests: [],
    budget: { services: 2 },
    tells: ['asleep'],
  },
  'out of service while a user shows himself': {
    ...awake,
    requests: [],
    budget: { services: 1, signs: 1 },
    tells: ['asleep', 'called off'],
  },
  'out of service, and a request to one that sleeps': {
    ...asleep,
    requests: ['user'],
    budget: { services: 1 },
    tells: ['disabled', 'answered', 'asleep', 'woken'],
  },
  'a gateway that starts anew': {
    ...awake,
    requests: [],
    budget: { restarts: 1, signs: 1 },
    tells: ['asleep', 'called off'],
  },
  'a gateway that starts anew while its users go on': {
    ...awake,
    requests: [],
    budget: { handovers: 1, signs: 1 },
    tells: ['asleep', 'called off'],
  },
  'what comes a tick late': {
    ...awake,
    requests: ['user'],
    budget: { delays: 1 },
    tells: ['answered', 'late', 'asleep', 'woken', 'called off'],
  },
} satisfies Readonly<Record<string, Story>>

describe('as time goes by nobody is put to sleep in use, waits for ever, or wakes and sleeps without end', () => {
  test.each(Object.entries<Story>(stories))(
    '%s',
    (_, { tells, ...options }) => {
      const { happened } = exploreTimed({ ...options, rules: soundRules })
      expect([...happened]).toEqual(expect.arrayContaining([...tells]))
    },
    patienceMs,
  )
})

describe('no rule about time can be broken unnoticed', () => {
  test('each rule is broken in some way', () => {
    expect(new Set(mutations.flatMap(({ breaks }) => breaks))).toEqual(new Set(ruleNames))
  })

  test.each(mutations.map((mutation) => [mutation.that, mutation] as const))(
    'a protocol that %s',
    (_, { rules, noticedIn }) => {
      const { tells: _tells, ...options } = stories[noticedIn]
      expect(() => exploreTimed({ ...options, rules })).toThrow(Violation)
    },
    patienceMs,
  )
})
