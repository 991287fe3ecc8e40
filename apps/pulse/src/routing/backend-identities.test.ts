import { backendSecret, type KubeObject } from '@pulse/api'
import { beforeEach, expect, test } from 'vitest'
import { silent } from '../silent-log.suite.ts'
import { type BackendIdentities, createBackendIdentities } from './backend-identities.ts'

type Answer = KubeObject | undefined | Error

let identities: BackendIdentities
/** The readings that wait for an answer. */
let asked: ((answer: Answer) => void)[]
let timers: (() => void)[]
let known: string[]
let nowMs: number

beforeEach(() => {
  asked = []
  timers = []
  known = []
  nowMs = 1_000_000
  identities = createBackendIdentities({
    readSecret: () =>
      new Promise((resolve, reject) => {
        asked.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)))
      }),
    onKnown: (namespace) => void known.push(namespace),
    clock: {
      now: () => nowMs,
      after(_milliseconds, run) {
        timers.push(run)
        return () => {
          timers = timers.filter((timer) => timer !== run)
        }
      },
    },
    log: silent,
  })
})

const of = () => identities.of('instance-acme', 'acme-prod.1')?.identity

function secret(key?: string): KubeObject {
  const data = key === undefined ? {} : { [backendSecret.key]: Buffer.from(key).toString('base64') }
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: backendSecret.name }, data }
}

async function answer(given: Answer) {
  const before = known.length + timers.length
  asked.shift()?.(given)
  await expect.poll(() => known.length + timers.length, { interval: 1 }).toBeGreaterThan(before)
}

test('the key is read once, and each process has an identity of its own', async () => {
  expect([of(), of()]).toEqual([undefined, undefined])
  expect(asked).toHaveLength(1)
  await answer(secret('ab'.repeat(32)))
  expect(known).toEqual(['instance-acme'])
  expect(of()).toMatch(/^acme-prod\.1\.[0-9a-f]{64}$/)
  const others = [
    identities.of('instance-acme', 'acme-prod.2')?.identity,
    identities.of('instance-acme', 'acme-prod.1')?.control,
  ]
  expect(new Set([of(), ...others]).size).toBe(3)
  expect(asked).toEqual([])
})

test.each([
  ['is not there', undefined],
  ['is still empty', secret()],
  ['has a key without a word', secret('\n')],
  ['cannot be read', new Error('the store is away')],
])(
  'as long as the Secret %s there is no identity, and it is looked for again',
  async (_, given) => {
    expect(of()).toBeUndefined()
    await answer(given)
    expect(of()).toBeUndefined()
    expect([asked, known]).toEqual([[], []])

    timers.shift()?.()
    expect(known).toEqual(['instance-acme'])
    expect(of()).toBeUndefined()
    await answer(secret('ab'.repeat(32)))
    expect(of()).toMatch(/^acme-prod\.1\./)
  },
)

test('of namespaces that are gone nothing stays, however many there were', async () => {
  const names = Array.from({ length: 1_000 }, (_, index) => `instance-${index}`)
  for (const name of names) identities.of(name, 'one.1')
  for (const name of names) {
    await answer(secret('ab'.repeat(32)))
    identities.of(name, 'one.1')
  }
  expect(identities.size).toBe(1_000)
  identities.of('instance-late', 'one.1')
  for (const name of [...names, 'instance-late']) identities.forget(name)
  await answer(secret('ab'.repeat(32)))
  expect(identities.size).toBe(0)
})

test('what is forgotten while it is read is read again by whoever asks', async () => {
  expect(of()).toBeUndefined()
  identities.forget('instance-acme')
  await answer(secret('ab'.repeat(32)))
  expect(known).toEqual(['instance-acme'])
  expect(of()).toBeUndefined()
  await answer(secret('cd'.repeat(32)))
  const identity = of()
  expect(identity).toBeDefined()
  identities.forget('instance-acme')
  expect(of()).toBeUndefined()
})

async function knownIdentity() {
  of()
  await answer(secret('ab'.repeat(32)))
  return of()
}

test('a key in doubt is used until another one is found, so that no doubt takes those away who serve', async () => {
  const before = await knownIdentity()
  identities.doubt('instance-acme')
  expect(of()).toBe(before)
  await answer(secret('cd'.repeat(32)))
  expect(of()).toBeDefined()
  expect(of()).not.toBe(before)
})

test('nor does a store that is away, or the same key found again', async () => {
  const before = await knownIdentity()
  for (const given of [new Error('the store is away'), secret('ab'.repeat(32))]) {
    identities.doubt('instance-acme')
    await answer(given)
    expect(of()).toBe(before)
    expect([asked, timers]).toEqual([[], []])
    nowMs += 1_000
  }
})

test('a key that is there no more is used no more, and looked for again', async () => {
  await knownIdentity()
  identities.doubt('instance-acme')
  await answer(undefined)
  expect(of()).toBeUndefined()
  timers.shift()?.()
  expect(of()).toBeUndefined()
  await answer(secret('cd'.repeat(32)))
  expect(of()).toBeDefined()
})

test('doubts, however many, begin one more reading after the one under way', async () => {
  const before = await knownIdentity()
  for (let doubt = 0; doubt < 100; doubt += 1) identities.doubt('instance-acme')
  expect(asked).toHaveLength(1)
  // From before the last doubt: it counts for nothing.
  asked.shift()?.(secret('ab'.repeat(32)))
  await expect.poll(() => timers).toHaveLength(1)
  timers.shift()?.()
  await expect.poll(() => asked).toHaveLength(1)
  expect(of()).toBe(before)
  await answer(secret('cd'.repeat(32)))
  expect(of()).not.toBe(before)
  expect(asked).toEqual([])
})

test('nor do they shorten the pause before a key that could not be read is looked for again', async () => {
  expect(of()).toBeUndefined()
  await answer(undefined)
  identities.doubt('instance-acme')
  expect(of()).toBeUndefined()
  expect(asked).toEqual([])
  timers.shift()?.()
  expect(of()).toBeUndefined()
  await answer(secret('ab'.repeat(32)))
  expect(of()).toBeDefined()
})

test('doubts that never end read the Secret once a second, the first of them at once', async () => {
  await knownIdentity()
  let reads = 0
  for (let doubts = 0; doubts < 120; doubts += 1) {
    identities.doubt('instance-acme')
    if (asked.length > 0) {
      reads += 1
      await answer(secret('ab'.repeat(32)))
    }
    expect(reads).toBe(1 + Math.floor((doubts * 25) / 1_000))
    nowMs += 25
    if (nowMs % 1_000 === 0) timers.shift()?.()
  }
  expect([asked, timers]).toEqual([[expect.anything()], []])
})

test('a reading that is to come is called off with its namespace', async () => {
  await knownIdentity()
  for (let doubts = 0; doubts < 2; doubts += 1) {
    identities.doubt('instance-acme')
    if (asked.length > 0) await answer(secret('ab'.repeat(32)))
  }
  expect(timers).toHaveLength(1)
  identities.forget('instance-acme')
  expect(timers).toEqual([])
})
