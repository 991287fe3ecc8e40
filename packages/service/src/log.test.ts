import { expect, test } from 'vitest'
import { createLog } from './log.ts'

test('secrets are redacted at every depth that we log', () => {
  const lines: string[] = []
  const log = createLog('info', { write: (line) => lines.push(line) })
  log.info({ password: 's3cret', db: { password: 's3cret' }, a: { b: { token: 's3cret' } } }, 'x')
  expect(lines.join('')).not.toContain('s3cret')
  expect(JSON.parse(lines[0] ?? '{}')).toMatchObject({ level: 'info', msg: 'x' })
})
