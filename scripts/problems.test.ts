import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClientKinds, problemTypes } from '@pulse/api'
import { expect, test } from 'vitest'
import { findKind } from '../apps/pulse/src/commands/resource-argument.ts'
import { settings } from '../apps/pulse/src/config.ts'

const gateway = join(import.meta.dirname, '../packages/gateway/src')
const remedies = problemTypes.map(({ remedy }) => remedy).join('\n')

test('every problem of the catalogue is sent by the gateway', () => {
  const sources = readdirSync(gateway)
    .filter((file) => file.endsWith('.ts') && !/\.(test|suite)\.ts$/.test(file))
    .map((file) => readFileSync(join(gateway, file), 'utf8'))
    .join('\n')
  const sent = [...sources.matchAll(/(?:problem: |\b(?:answer|unavailable)\(\s*)'([\w-]+)'/g)]
  const named = new Set(sent.map(([, slug]) => slug))
  const unsent = problemTypes.filter(({ slug }) => !named.has(slug))
  expect(unsent.map(({ slug }) => slug)).toEqual([])
})

test('the kinds in the commands of remedies are kinds that the command knows', () => {
  const named = [...remedies.matchAll(/`pulse (?:get|describe) ([^` ]+)/g)].map(([, kind]) => kind)
  expect(named.length).toBeGreaterThan(1)
  const { kinds } = createClientKinds()
  for (const kind of named) expect(() => findKind(kinds, kind ?? '')).not.toThrow()
})

test('the settings in remedies are settings of the server', () => {
  const known = Object.values(settings).map(({ env }) => env)
  const named = [...remedies.matchAll(/PLANA_[A-Z_]+/g)].map(([name]) => name)
  expect(named.length).toBeGreaterThan(1)
  expect(named.filter((name) => !known.includes(name))).toEqual([])
})
