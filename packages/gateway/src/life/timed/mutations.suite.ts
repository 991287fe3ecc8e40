import type { LifeContext } from '../life.ts'
import { lifeRules } from '../rules.ts'
import { blind, clumsy, deaf, life, type Mutation, shell, stepParts } from './mutation.suite.ts'
import { soundRules } from './rules.suite.ts'
import { ticks } from './world.suite.ts'

/** All that has to be broken in some way. What was seen and wanted grows old with the record, or by a process's word. */
export const ruleNames: readonly string[] = [
  ...Object.keys(soundRules.life).filter(
    (name) => !/^(isOutdated|isStillWanted|hasClosed)$/.test(name),
  ),
  ...Object.keys(soundRules.shell),
  ...stepParts,
]

const { maySleep, mustAbort, mayWake } = lifeRules
const later = (context: LifeContext, by: number): LifeContext => ({
  ...context,
  now: context.now + by,
})
const never = -ticks.ages

export const mutations: readonly Mutation[] = [
  life('never forwards', { mayForward: () => false }, 'a request'),
  life('never proposes sleep', { maySleep: () => false }, 'users who show themselves'),
  life(
    'proposes sleep without waiting for idleness',
    { maySleep: (one, context) => maySleep(one, context, true) },
    'users who show themselves',
  ),
  life(
    'proposes sleep a tick too early',
    { maySleep: (one, context, isAsked) => maySleep(one, later(context, 1), isAsked) },
    'users who show themselves',
  ),
  life(
    'forgets that a sleep was called off',
    {
      maySleep: (one, context, isAsked) =>
        maySleep({ ...one, record: { ...one.record, since: never } }, context, isAsked),
    },
    'users who show themselves',
  ),
  life(
    'looks at what was called off alone, not at its users',
    {
      maySleep: (one, context, isAsked) =>
        maySleep({ ...one, lastActivity: never }, context, isAsked),
    },
    'users who show themselves',
  ),
  life(
    'waits for idleness though it was asked',
    { maySleep: (one, context) => maySleep(one, context, false) },
    'an order to sleep while a user shows himself',
  ),
  life(
    'waits for idleness though it is out of service',
    { maySleep: (one, context) => maySleep(one, context, false) },
    'out of service while a user shows himself',
  ),
  life(
    'does not put to sleep what does not come up',
    {
      maySleep: (one, context, isAsked) =>
        maySleep({ ...one, failedUntil: undefined }, context, isAsked),
    },
    'a process that fails, and a request',
  ),
  life(
    'puts to sleep what still starts',
    { maySleep: (one, context, isAsked) => maySleep({ ...one, failedUntil: 0 }, context, isAsked) },
    'a request',
  ),
  life('objects to every sleep', { mustAbort: () => true }, 'users who show themselves'),
  life('objects to no sleep', { mustAbort: () => false }, 'users who show themselves'),
  life(
    'does not object for its users',
    { mustAbort: (one, context) => mustAbort({ ...one, lastActivity: one.bornAt }, context) },
    'users who show themselves',
  ),
  life(
    'objects for its users a tick too short',
    { mustAbort: (one, context) => mustAbort(one, later(context, 1)) },
    'users who show themselves',
  ),
  life(
    'objects for its users for ever',
    { mustAbort: (one, context) => mustAbort(one, { ...context, idleMs: 1_000 }) },
    'users who show themselves',
  ),
  life(
    'does not object though it keeps it awake',
    { mustAbort: (one, context) => mustAbort(one, { ...context, isKept: false }) },
    'one that is kept awake while a user shows himself',
  ),
  life(
    'objects to an order for its users',
    {
      mustAbort: (one, context) =>
        mustAbort({ ...one, record: { ...one.record, isOrdered: false } }, context),
    },
    'an order to sleep while a user shows himself',
  ),
  life(
    'takes every sleep for an order',
    {
      mustAbort: (one, context) =>
        mustAbort({ ...one, record: { ...one.record, isOrdered: true } }, context),
    },
    'users who show themselves',
  ),
  life(
    'lets a sleep go on over a held request',
    { mustAbort: (one, context) => mustAbort({ ...one, held: 0 }, context) },
    'a request',
  ),
  life(
    'gives its word with a request under way',
    { mustAbort: (one, context) => mustAbort({ ...one, inFlight: 0 }, context) },
    'a request',
  ),
  life('never decides', { mayCommit: () => false }, 'users who show themselves'),
  life('decides without the others', { mayCommit: () => true }, 'users who show themselves'),
  life('never wakes', { mayWake: () => false }, 'a request'),
  life(
    'wakes for nobody',
    { mayWake: (one, context) => mayWake({ ...one, held: 1 }, context) },
    'a request',
  ),
  life(
    'gives a wake up when its client leaves',
    { mayWake: (one, context) => mayWake({ ...one, wantedUntil: undefined }, context) },
    'a client that leaves',
  ),
  life(
    'lets a sleep go on when the client leaves that was in its way',
    { mustAbort: (one, context) => mustAbort({ ...one, wantedUntil: undefined }, context) },
    'a client that leaves',
  ),
  life(
    'never wakes again what has failed',
    { mayWake: (one, context) => one.failedUntil === undefined && mayWake(one, context) },
    'a process that fails, and a request',
  ),
  life(
    'wakes a tick too late what has failed',
    { mayWake: (one, context) => mayWake(one, later(context, -1)) },
    'a process that fails, and a request',
  ),
  life('wakes while the old process still ends', { mayWake: ({ held }) => held > 0 }, 'a request'),
  shell(
    'puts to sleep what it keeps awake itself',
    { sparesKept: false },
    'one that is kept awake while a user shows himself',
  ),
  shell(
    'lets others put to sleep what it does not know, having just started',
    { unknownTicks: 0 },
    'a gateway that starts anew while its users go on',
  ),
  shell(
    'counts the short idle time of schedules for users too',
    { idleTicks: () => ticks.idleAfterSchedule },
    'users who show themselves',
  ),
  shell(
    'goes by why it was woken though a sleep was called off since',
    {
      idleTicks: ({ wokeFor, life: { lastActivity, record } }) =>
        wokeFor === 'schedule' && lastActivity <= record.since
          ? ticks.idleAfterSchedule
          : ticks.idle,
    },
    'a wake for schedules, and a user who comes meanwhile',
  ),
  shell('lets requests wait without end', { isLate: () => false }, 'a request'),
  shell('ends waits a tick too late', { isLate: (age) => age > ticks.deadline }, 'a request'),
  shell(
    'carries an order out for ever',
    { isCarriedOut: () => false },
    'an order to sleep, and a request',
  ),
  shell(
    'carries an order out once more in the next life',
    { isCarriedOut: (state) => state === 'asleep' || state === 'stopping' },
    'an order to sleep, and a request',
  ),
  blind(
    'lets requests wait for what is out of service',
    { service: 'active' },
    'out of service, and a request to one that sleeps',
  ),
  blind(
    'lets requests wait for what does not come up',
    { failedUntil: undefined },
    'a process that fails, and a request',
  ),
  blind('sends requests away for good from what has failed once', { failedUntil: 1 }, 'a request'),
  deaf('answers', 'never hears that it is out of service', {
    hear: (event) => (event.type === 'served' ? undefined : event),
    noticedIn: 'out of service and back',
  }),
  deaf('activity', 'does not hear users who show themselves', {
    hear: (event) => (event.type === 'active' ? undefined : event),
    noticedIn: 'users who show themselves',
  }),
  deaf('activity', 'does not count a request as activity', {
    hear: (event) => (event.type === 'finished' ? { ...event, isActivity: false } : event),
    noticedIn: 'a request',
  }),
  deaf('troubles', 'never hears that it does not come up', {
    hear: (event) => (event.type === 'failed' ? undefined : event),
    noticedIn: 'a process that fails, and a request',
  }),
  clumsy('troubles', 'lets those wait who waited when it failed', {
    act: (effect) => (effect.type === 'giveUp' ? undefined : effect),
    noticedIn: 'a process that fails, and a request',
  }),
  clumsy('objections', 'does not say when it has called a sleep off', {
    act: (effect, { record }) =>
      effect.type === 'write' && record.state === 'draining' && effect.next.state === 'up'
        ? { ...effect, next: { ...effect.next, since: record.since } }
        : effect,
    noticedIn: 'users who show themselves',
  }),
  clumsy('objections', 'takes for ordered what comes after an order that was called off', {
    act: (effect) =>
      effect.type === 'write' && effect.expected.isOrdered === true && effect.next.state === 'up'
        ? { ...effect, next: { ...effect.next, isOrdered: true } }
        : effect,
    noticedIn: 'an order to sleep, and a request',
  }),
]
