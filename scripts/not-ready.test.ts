import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/runbooks/not-ready.md'), 'utf8')

/** `DatabaseReady ClaimFailed`, for each row of the tables below a heading. */
const told = page
  .split(/^## /m)
  .slice(1)
  .flatMap((section) => {
    const [type = ''] = section.split('\n', 1)
    const cells = [...section.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = '']) => cell)
    const reasons = cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, one]) => one))
    return reasons.map((reason) => `${type.trim()} ${reason}`)
  })
const toldReasons = new Set(told.map((pair) => pair.split(' ')[1]))

/** Where conditions of tenants, templates and pools, and what they repeat of others, get their reasons. */
const sources = [
  ...readdirSync(join(root, 'packages/compositions/src'))
    .filter((file) => /^[a-z-]+\.ts$/.test(file) && !/\.(test|suite)\.ts$/.test(file))
    .map((file) => `packages/compositions/src/${file}`),
  'packages/engine/src/composite-status.ts',
  'packages/engine/src/composite-controller.ts',
  'packages/engine/src/teardown.ts',
  'packages/engine/src/machine/isolated-condition.ts',
  'packages/engine/src/machine/forked-condition.ts',
  'packages/engine/src/machine/pod-runner/config-error.ts',
  'apps/pulse/src/server/forks/fork-server.ts',
]

/** How a container ended, and how a rollout stalls, become reasons of WorkersReady as they are. */
const repeated = [
  ...['Error', 'OOMKilled', 'StartError', 'Completed', 'ContainerStatusUnknown'],
  'ProgressDeadlineExceeded',
]

/** Reasons of Events that only happen to be made there. */
const ofEvents = ['DatabaseClaimed']

function reasonsIn(source: string): readonly string[] {
  const text = readFileSync(join(root, source), 'utf8')
  const forms = [
    /\breason(?: =|:) '([A-Z]\w+)'/g,
    /\bcondition\(\s*'(?:True|False)',\s*'([A-Z]\w+)'/g,
    /\b(?:lostReason|parentStarting) = '([A-Z]\w+)'/g,
    /^ {2}(?:[A-Z]\w+): '([A-Z]\w+)',$/gm,
    /^export type ConfigReason = '([A-Z]\w+)' \| '[A-Z]\w+'/gm,
  ]
  return forms.flatMap((form) => [...text.matchAll(form)].map(([, reason = '']) => reason))
}

const inCode = new Set([...sources.flatMap(reasonsIn), ...repeated])
for (const reason of ofEvents) inCode.delete(reason)

test('every reason that a condition can have stands in the runbook', () => {
  expect(inCode.size).toBeGreaterThan(40)
  expect([...inCode].filter((reason) => !toldReasons.has(reason))).toEqual([])
})

test('the runbook knows no reason that no condition has', () => {
  expect([...toldReasons].filter((reason) => !inCode.has(reason ?? ''))).toEqual([])
})

test('every condition of the golden cases stands in the runbook under its type', () => {
  const cases = join(root, 'packages/compositions/src/testdata/cases')
  const pairs = readdirSync(cases).flatMap((name) => {
    const text = readFileSync(join(cases, name, 'output.yaml'), 'utf8')
    const found = text.matchAll(/- type: "?(\w+)"?\n +status: .*\n +reason: "?(\w+)"?$/gm)
    return [...found].map(([, type, reason]) => `${type} ${reason}`)
  })
  expect(pairs.length).toBeGreaterThan(100)
  const missing = pairs.filter((pair) => !told.includes(pair))
  // A client repeats what its environment says.
  expect([...new Set(missing)].filter((pair) => !pair.startsWith('EnvironmentReady '))).toEqual([])
})
