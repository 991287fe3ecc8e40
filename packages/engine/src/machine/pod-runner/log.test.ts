import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lastWords, rotateLog } from './log-file.ts'
import { type LogOptions, readLog } from './read-log.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pulse-log-'))
  path = join(folder, '0.log')
})
afterEach(() => rmSync(folder, { recursive: true }))

const all: LogOptions = { follow: false }

test.each([
  [{}, 'one\ntwo\nthree\n'],
  [{ tailLines: 2 }, 'two\nthree\n'],
  [{ tailLines: 9 }, 'one\ntwo\nthree\n'],
  [{ tailLines: 0 }, ''],
  [{ limitBytes: 5 }, 'one\nt'],
  [{ sinceTime: '2999-01-01T00:00:00Z' }, ''],
])('%j reads %j', async (options, expected) => {
  writeFileSync(path, 'one\ntwo\nthree\n')
  expect(await textOf({ ...all, ...options })).toBe(expected)
})

test('following gives what is written later, also after a rotation, and ends with its writer', async () => {
  writeFileSync(path, 'first\n')
  let ended = false
  let ring = () => {}
  const source = {
    path,
    hasEnded: () => ended,
    onChange: (run: () => void) => {
      ring = run
      return () => {}
    },
  }
  const seen: string[] = []
  for await (const chunk of readLog(
    source,
    { ...all, follow: true },
    AbortSignal.timeout(10_000),
  )) {
    seen.push(chunk.toString())
    if (seen.length === 1) appendFileSync(path, 'second line\n')
    if (seen.length === 2) {
      await rotateLog(path, 1)
      appendFileSync(path, 'third\n')
    }
    if (seen.length === 3) {
      ended = true
      ring()
    }
  }
  expect(seen).toEqual(['first\n', 'second line\n', 'third\n'])
})

test('rotation keeps a bounded number of parts and empties the file in place', async () => {
  for (const word of ['a', 'b', 'c', 'd', 'e']) {
    appendFileSync(path, word)
    await rotateLog(path, 1)
  }
  expect(readFileSync(path, 'utf8')).toBe('')
  expect([1, 2, 3].map((part) => readFileSync(`${path}.${part}`, 'utf8'))).toEqual(['e', 'd', 'c'])
  expect(existsSync(`${path}.4`)).toBe(false)
})

test('last words are bounded, whole lines', async () => {
  writeFileSync(path, `${'x'.repeat(5000)}\nTraceback\nboom\n`)
  expect(await lastWords(path)).toBe('Traceback\nboom')
  writeFileSync(path, `${'y'.repeat(5000)}`)
  expect(await lastWords(path)).toHaveLength(2048)
  expect(await lastWords(join(folder, 'none'))).toBe('')
})

async function textOf(options: LogOptions): Promise<string> {
  const source = { path, hasEnded: () => true, onChange: () => () => {} }
  let text = ''
  for await (const chunk of readLog(source, options, AbortSignal.timeout(10_000))) text += chunk
  return text
}

test('of a log that its writer has stretched only the end is copied and read', async () => {
  writeFileSync(path, 'first\n')
  truncateSync(path, 2 ** 42)
  appendFileSync(path, 'one\ntwo\n')
  expect(await textOf({ ...all, tailLines: 1 })).toBe('two\n')
  expect((await textOf({ ...all, tailLines: 3, limitBytes: 10 })).length).toBe(10)
  await rotateLog(path, 1_000)
  expect(statSync(path).size).toBe(0)
  expect(statSync(`${path}.1`).size).toBe(2_000)
  expect(readFileSync(`${path}.1`, 'utf8').endsWith('one\ntwo\n')).toBe(true)
})

test('what no status may hold is replaced in the last words', async () => {
  writeFileSync(path, 'bad\0end \u001b[31mred\ttab\n')
  expect(await lastWords(path)).toBe('bad\ufffdend \ufffd[31mred\ttab')
})
