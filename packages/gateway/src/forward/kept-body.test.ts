import { expect, test, vi } from 'vitest'
import type { Chunks } from '../request-body.ts'
import { createKeptBody, type KeptBody } from './kept-body.ts'
import { createKeptBytes } from './kept-bytes.ts'

async function* bodyOf(...pieces: readonly (string | Error)[]): Chunks {
  for (const piece of pieces) {
    if (piece instanceof Error) throw piece
    yield Buffer.from(piece)
  }
}

const keep = (source: Chunks, keptBytes = createKeptBytes(100), announcedBytes?: number) =>
  createKeptBody(source, { announcedBytes, keptBodyBytesMax: 10, keptBytes })

async function textOf(body: KeptBody, onOutgrown = async () => true): Promise<string> {
  let text = ''
  for await (const chunk of body.chunks(onOutgrown)) text += chunk
  return text
}

test('what has come is sent again, and what follows after it', async () => {
  const body = keep(bodyOf('one', 'two', 'six'))
  const first = body.chunks(async () => true)
  await first.next()
  await first.next()
  await first.return()
  expect(body.isWhole()).toBe(true)
  expect(await textOf(body)).toBe('onetwosix')
  expect(await textOf(body)).toBe('onetwosix')
})

test('an attempt that was given up while it waited takes nothing away from the next', async () => {
  const gate = Promise.withResolvers<void>()
  const body = keep(
    (async function* (): Chunks {
      yield Buffer.from('one')
      await gate.promise
      yield Buffer.from('two')
    })(),
  )
  const first = body.chunks(async () => true)
  await first.next()
  const waiting = first.next()
  const second = textOf(body)
  gate.resolve()
  await waiting
  expect(await second).toBe('onetwo')
})

/** Two attempts at a body of which more comes only now: the first was given up while it waited for that. */
async function twoAttempts(more: string) {
  const gate = Promise.withResolvers<void>()
  const body = keep(
    (async function* (): Chunks {
      yield Buffer.from('one')
      yield Buffer.from('two')
      await gate.promise
      yield Buffer.from(more)
      yield Buffer.from('end')
    })(),
  )
  const first = body.chunks(async () => true)
  await first.next()
  await first.next()
  const abandoned = first.next()
  const second = body.chunks(async () => true)
  await second.next()
  return { body, abandoned, second, open: gate.resolve }
}

async function restOf(chunks: Chunks): Promise<string> {
  let text = ''
  for await (const chunk of chunks) text += chunk
  return text
}

test('an attempt that was given up takes nothing of a body that is no longer kept', async () => {
  const { body, abandoned, second, open } = await twoAttempts('six')
  body.release()
  const rest = restOf(second)
  open()
  expect(await abandoned).toEqual({ done: true, value: undefined })
  expect(await rest).toBe('twosixend')
})

test('an attempt that was given up takes nothing of a body that grows too large, and lets go of nothing', async () => {
  const { body, abandoned, second, open } = await twoAttempts('too large')
  open()
  expect(await abandoned).toEqual({ done: true, value: undefined })
  expect(body.isWhole()).toBe(true)
  expect(await restOf(second)).toBe('twotoo largeend')
})

test('a body that grows too large is let go of once that is allowed, and gives back its place', async () => {
  const keptBytes = createKeptBytes(10)
  const onOutgrown = vi.fn(async () => true)
  const body = keep(bodyOf('12345', '67890', 'more', 'and more'), keptBytes)
  expect(await textOf(body, onOutgrown)).toBe('1234567890moreand more')
  expect(onOutgrown).toHaveBeenCalledTimes(1)
  expect([body.isLarge(), body.isWhole()]).toEqual([true, false])
  expect(keptBytes.take(10)).toBe(true)
})

test('a body that may not be let go of ends there, and can be sent again', async () => {
  const body = keep(bodyOf('12345', '67890', 'more', 'and more'))
  expect(await textOf(body, async () => false)).toBe('1234567890')
  expect(body.isWhole()).toBe(true)
  expect(await textOf(body)).toBe('1234567890moreand more')
})

test('a body announced as too large is kept not at all, yet whole until it is begun', async () => {
  const body = keep(bodyOf('one', 'two'), createKeptBytes(100), 11)
  expect([body.isLarge(), body.isWhole()]).toEqual([true, true])
  await body.chunks(async () => true).next()
  expect(body.isWhole()).toBe(false)
})

test('a body that broke off is never taken for one that ended', async () => {
  const body = keep(bodyOf('one', new Error('gone')))
  await expect(textOf(body)).rejects.toThrow('gone')
  await expect(textOf(body)).rejects.toThrow('gone')
})
