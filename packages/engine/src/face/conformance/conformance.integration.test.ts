import { findControlPlane } from '@pulse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Deviation } from './compare.suite.ts'
import type { Difference } from './difference.ts'
import { differences } from './differences.ts'
import { type Judge, openJudge } from './judge.suite.ts'
import { stories } from './stories.suite.ts'

/** A first build takes minutes; it is bounded by itself. */
const buildMs = 60 * 60_000

let judge: Judge | undefined
let missing = ''

beforeAll(async () => {
  const found = await findControlPlane()
  if ('programs' in found) judge = await openJudge(found.programs)
  else missing = found.missing
  if (missing !== '') console.warn(`not compared with a Kubernetes API server: ${missing}`)
}, buildMs)

afterAll(() => judge?.close())

/** Differences that were seen at all, of those that belong to no call in particular. */
const seen = new Set<Difference>()

describe.each(stories)('$name: answered as by a Kubernetes API server', (story) => {
  let deviations: ReadonlyMap<string, readonly Deviation[]> = new Map()
  beforeAll(async () => {
    if (judge) deviations = await judge.compare(story)
  })

  test.for(story.rows)('$title', ({ title }, context) => {
    context.skip(!judge, missing)
    const row = `${story.name}: ${title}`
    const found = deviations.get(title) ?? []
    const known = differences.filter(({ rows }) => rows === 'anywhere' || rows.includes(row))
    for (const difference of known.filter(({ at }) => found.some((one) => at.test(one.at)))) {
      seen.add(difference)
    }
    const isNew = ({ at: place }: Deviation) => !known.some(({ at }) => at.test(place))
    const isGone = ({ rows, at }: Difference) =>
      rows !== 'anywhere' && !found.some((one) => at.test(one.at))
    expect(found.filter(isNew), 'a difference that is not listed').toEqual([])
    expect(known.filter(isGone), 'a listed difference that is no longer there').toEqual([])
  })
})

test('what is listed is about calls that are made, and is seen', (context) => {
  context.skip(!judge, missing)
  const made = new Set(
    stories.flatMap(({ name, rows }) => rows.map(({ title }) => `${name}: ${title}`)),
  )
  const listed = differences.flatMap(({ rows }) => (rows === 'anywhere' ? [] : rows))
  expect(listed.filter((row) => !made.has(row))).toEqual([])
  expect(differences.filter((difference) => !seen.has(difference))).toEqual([])
  expect(judge?.errors).toEqual([])
})
