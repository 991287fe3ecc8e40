import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Type from 'typebox'
import { expect, onTestFinished, test } from 'vitest'
import { ConfigError, defineSettings, parseConfig, redactConfig } from './config.ts'

const settings = defineSettings({
  port: {
    env: 'PLANA_HTTP_PORT',
    schema: Type.Integer({ minimum: 1, maximum: 65_535 }),
    default: 8080,
    description: 'port of the gateway',
  },
  name: { env: 'PLANA_NAME', schema: Type.String(), description: 'a name' },
  key: {
    env: 'PLANA_KEY',
    schema: Type.Optional(Type.String({ minLength: 8 })),
    default: undefined,
    description: 'a key',
    secret: true,
  },
  level: {
    env: 'PLANA_LEVEL',
    schema: Type.Union([Type.Literal('low'), Type.Literal('high')]),
    default: 'low',
    description: 'a level',
  },
  labels: {
    env: 'PLANA_LABELS',
    schema: Type.Array(Type.String({ pattern: '^[a-z]+$' })),
    default: [],
    description: 'some labels',
  },
})

test('numbers are read from text and defaults fill what is absent', () => {
  expect(parseConfig(settings, { PLANA_HTTP_PORT: '81', PLANA_NAME: 'a' })).toEqual({
    port: 81,
    name: 'a',
    key: undefined,
    level: 'low',
    labels: [],
  })
  expect(parseConfig(settings, { PLANA_NAME: 'a' }).port).toBe(8080)
})

test('all mistakes are told at once, by variable', () => {
  const attempt = () => parseConfig(settings, { PLANA_HTTP_PORT: '99999' })
  expect(attempt).toThrow(ConfigError)
  expect(attempt).toThrow(/PLANA_HTTP_PORT[\s\S]*PLANA_NAME: is required/)
})

test('where there are choices, a mistake is told with them', () => {
  const attempt = () => parseConfig(settings, { PLANA_NAME: 'a', PLANA_LEVEL: 'loud' })
  expect(attempt).toThrow('PLANA_LEVEL: must be one of "low", "high" (a level)')
})

test('a refused secret is not repeated in the message', () => {
  const attempt = () => parseConfig(settings, { PLANA_NAME: 'a', PLANA_KEY: 'hunter2' })
  expect(attempt).toThrow(/PLANA_KEY/)
  expect(attempt).not.toThrow(/hunter2/)
})

test('a secret may come from a file and is never shown', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pulse-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'key'), 'long enough\n')
  const config = parseConfig(settings, { PLANA_NAME: 'a', PLANA_KEY_FILE: join(folder, 'key') })
  expect(config.key).toBe('long enough')
  expect(redactConfig(settings, config)).toMatchObject({ PLANA_KEY: 'set' })
})

test('a list is written with commas, and each of its items is judged', () => {
  const read = (text: string) => parseConfig(settings, { PLANA_NAME: 'a', PLANA_LABELS: text })
  expect(read('www, my,admin').labels).toEqual(['www', 'my', 'admin'])
  expect(() => read('www,,my')).toThrow(/PLANA_LABELS/)
  expect(() => read('www,M')).toThrow(/PLANA_LABELS/)
})
