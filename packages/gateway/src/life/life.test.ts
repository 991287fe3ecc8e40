import { describe, expect, test } from 'vitest'
import type { Life } from './life.ts'
import { explore, type ModelOptions, Violation } from './model/explore.suite.ts'
import type { Rules } from './model/world.suite.ts'
import { isSameRecord } from './record.ts'
import { lifeRules } from './rules.ts'

const sound: Rules = {
  life: lifeRules,
  process: {
    refusesWhenSealed: true,
    finishesBeforeExit: true,
    isSealedBeforeExit: true,
    isForMe: (meant, own) => meant.environment === own.environment && meant.process === own.process,
  },
  store: { isSame: isSameRecord },
}
/** A hundred thousand worlds take seconds, and more on a busy machine. */
const patienceMs = 120_000
/** Four million take most of a minute. */
const longPatienceMs = 480_000

const nothing = { sweeps: 0, orders: 0, gatewayDeaths: 0, freezes: 0, crashes: 0, departures: 0 }
const two = { requests: 2, isUpAtFirst: true, rules: sound }

const worlds: Readonly<Record<string, ModelOptions>> = {
  'three requests to a sleeping environment': {
    ...two,
    requests: 3,
    isUpAtFirst: false,
    budget: { ...nothing, sweeps: 1 },
  },
  'three requests around the moment of sleep': {
    ...two,
    requests: 3,
    budget: { ...nothing, sweeps: 1 },
  },
  'a gateway that has died long ago': {
    ...two,
    isOneDead: true,
    budget: { ...nothing, sweeps: 1 },
  },
  'two sleeps, one after the other': { ...two, budget: { ...nothing, sweeps: 2 } },
  'a sleep that is ordered, and one that is not': {
    ...two,
    budget: { ...nothing, sweeps: 1, orders: 1 },
  },
  'a gateway that is frozen and comes back': {
    ...two,
    budget: { ...nothing, sweeps: 1, freezes: 1 },
  },
  'a gateway that dies': { ...two, budget: { ...nothing, sweeps: 1, gatewayDeaths: 1 } },
  'clients that leave one that sleeps': {
    ...two,
    isUpAtFirst: false,
    budget: { ...nothing, sweeps: 1, departures: 2 },
  },
  'clients that leave around the moment of sleep': {
    ...two,
    budget: { ...nothing, sweeps: 2, departures: 2 },
  },
  'a process that crashes, a client that leaves': {
    ...two,
    budget: { ...nothing, sweeps: 1, crashes: 1, departures: 1 },
  },
}

describe('in every order in which things can happen, no request is lost, misled or forgotten', () => {
  test.each(Object.entries(worlds))(
    '%s',
    (_, options) => {
      const { worlds, slept, woke } = explore(options)
      expect(worlds).toBeGreaterThan(100)
      expect({ slept, woke }).toEqual({ slept: true, woke: true })
    },
    patienceMs,
  )
})

test(
  'all of it at once: three requests, a gateway that dies, one that freezes, a crash, a client that leaves',
  () => {
    const budget = {
      ...nothing,
      sweeps: 1,
      gatewayDeaths: 1,
      freezes: 1,
      crashes: 1,
      departures: 1,
    }
    const { worlds, slept, woke } = explore({ ...two, requests: 3, budget })
    expect(worlds).toBeGreaterThan(3_000_000)
    expect({ slept, woke }).toEqual({ slept: true, woke: true })
  },
  longPatienceMs,
)

type Broken = Partial<Rules['life']> | Partial<Rules['process']> | Partial<Rules['store']>

/** Each rule broken on purpose. */
const mutations: Readonly<Record<string, Broken>> = {
  'forwards although it has given its word': {
    mayForward: ({ backend, record }) => backend.status === 'ready' && record.state !== 'down',
  },
  'forwards although the sleep is decided': {
    mayForward: (life, context) =>
      lifeRules.mayForward({ ...life, record: { ...life.record, state: 'up' } }, context),
  },
  'forwards again to a process that has refused for good': {
    hasClosed: () => false,
  },
  'forwards while its word is on the way': {
    mayForward: (life, context) => lifeRules.mayForward({ ...life, writing: undefined }, context),
  },
  'never forwards': { mayForward: () => false },
  'never proposes sleep': { maySleep: () => false },
  'objects to every sleep': { mustAbort: () => true },
  'proposes sleep with a request under way': {
    maySleep: (life, context, isAsked) =>
      lifeRules.maySleep({ ...life, inFlight: 0 }, context, isAsked),
  },
  'proposes sleep over a held request': {
    maySleep: (life, context, isAsked) =>
      lifeRules.maySleep({ ...life, held: 0 }, context, isAsked),
  },
  'gives its word with a request under way': {
    mustAbort: (life, context) => lifeRules.mustAbort({ ...life, inFlight: 0 }, context),
  },
  'lets a sleep go on over a held request': {
    mustAbort: (life, context) => lifeRules.mustAbort({ ...life, held: 0 }, context),
  },
  'lets a sleep go on when the client leaves that was in its way': {
    mustAbort: (life, context) => lifeRules.mustAbort(withoutWish(life), context),
  },
  'decides without the others': { mayCommit: () => true },
  'never decides': { mayCommit: () => false },
  'waits for the dead': {
    mayCommit: ({ record }) => record.words.length === 2,
  },
  'wakes while the old process still ends': {
    mayWake: ({ held }) => held > 0,
  },
  'gives a wake up when its client leaves': {
    mayWake: (life, context) => lifeRules.mayWake(withoutWish(life), context),
  },
  'forgets whoever has left at the next look': { isStillWanted: () => false },
  'wakes again for whoever has left': { isStillWanted: () => true },
  'takes another life for the one that was wanted': {
    isStillWanted: (_, { state }) => state !== 'up',
  },
  'wakes for nobody': { mayWake: ({ backend }) => backend.status === 'gone' },
  'never wakes': { mayWake: () => false },
  'believes what it saw before the sleep': { isOutdated: () => false },
  'believes that nothing was there before the sleep was decided': {
    isOutdated: (life, record) => life.record.generation !== record.generation,
  },
  'takes requests although it is sealed': { refusesWhenSealed: false },
  'exits with a request under way': { finishesBeforeExit: false },
  'ends a process that is not sealed': { isSealedBeforeExit: false },
  'serves what was meant for another environment at its address': {
    isForMe: (meant, own) => meant.process === own.process,
  },
  'serves what was meant for an earlier process at its address': {
    isForMe: (meant, own) => meant.environment === own.environment,
  },
  'writes without comparing': { isSame: () => true },
  'takes an ordered sleep for any other when it compares': {
    isSame: (one, other) => isSameRecord(unordered(one), unordered(other)),
  },
}

function withoutWish(life: Life): Life {
  return { ...life, wantedUntil: undefined }
}

function unordered({ isOrdered: _isOrdered, ...record }: Life['record']): Life['record'] {
  return record
}

describe('no rule can be broken unnoticed', () => {
  test('each rule is broken in some way', () => {
    const broken = new Set(Object.values(mutations).flatMap((rules) => Object.keys(rules)))
    const { life, process, store } = sound
    expect(broken).toEqual(new Set([life, process, store].flatMap(Object.keys)))
  })

  test.each(Object.entries(mutations))(
    'a protocol that %s',
    (_, broken) => {
      const rules: Rules = {
        life: { ...sound.life, ...broken },
        process: { ...sound.process, ...broken },
        store: { ...sound.store, ...broken },
      }
      expect(isFlawless(rules)).toBe(false)
    },
    patienceMs,
  )
})

function isFlawless(rules: Rules): boolean {
  return Object.values(worlds).every((options) => {
    try {
      const { slept, woke } = explore({ ...options, rules })
      return slept && woke
    } catch (error) {
      if (error instanceof Violation) return false
      throw error
    }
  })
}
