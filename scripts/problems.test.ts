import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { problemTypes } from '@pulse/api'
import { expect, test } from 'vitest'

const gateway = join(import.meta.dirname, '../packages/gateway/src')

test('every problem that the gateway answers with stands in the catalogue', () => {
  const sources = readdirSync(gateway)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(gateway, file), 'utf8'))
  const answered = sources.flatMap((text) =>
    [...text.matchAll(/\b(?:code|rule): '([a-z]+(?:-[a-z]+)*)'/g)].map(([, slug]) => slug),
  )
  expect(answered.length).toBeGreaterThan(10)
  const known = problemTypes.map(({ slug }) => slug)
  expect(answered.filter((slug = '') => !known.includes(slug))).toEqual([])
})
