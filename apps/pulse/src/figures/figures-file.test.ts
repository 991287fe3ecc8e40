import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { silent } from '../silent-log.suite.ts'
import { keepFigures, readFigures } from './figures-file.ts'
import { createLifeFigures } from './life-figures.ts'

async function filePath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-figures-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return join(folder, 'life-figures.json')
}

const options = { now: () => 1_000, isKnown: () => true, isDown: () => false }

test('what was seen until the end is there at the next start, of however many', async () => {
  const path = await filePath()
  const figures = createLifeFigures(options)
  const names = Array.from({ length: 500 }, (_, index) => `tenant-${index}-prod`)
  const wake = { cause: 'request', temperature: 'cold', durationMs: 400 } as const
  for (const environment of names) figures.woke({ environment, ...wake })
  await keepFigures(path, { figures, log: silent }).close()
  const again = createLifeFigures({ ...options, saved: await readFigures(path) })
  for (const name of names) expect(again.of(name)).toEqual(figures.of(name))
})

test.each(['', '{', '{"version":2,"environments":{}}', '{"version":1,"environments":{"a":1}}'])(
  'a file that holds "%s" is as good as none',
  async (text) => {
    const path = await filePath()
    await writeFile(path, text)
    expect(await readFigures(path)).toBeUndefined()
  },
)

test('without a file there is nothing to go on from', async () => {
  expect(await readFigures(await filePath())).toBeUndefined()
})
