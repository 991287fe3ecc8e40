import fc from 'fast-check'
import { expect, test } from 'vitest'
import { normalisePath } from './path.ts'
import { strangeTargets } from './strange-bytes.suite.ts'

test('any bytes are a plain path or none, and never an error', () => {
  fc.assert(
    fc.property(strangeTargets, (target) => {
      const path = normalisePath(target)
      if (path === undefined) return
      expect(target.startsWith('/')).toBe(true)
      const segments = path.slice(1).split('/')
      expect(path === '/' || !segments.includes('')).toBe(true)
      expect(segments).not.toContain('.')
      expect(segments).not.toContain('..')
      expect(path).not.toContain('\\')
      expect([...path].every((character) => character >= ' ' && character !== '\u007f')).toBe(true)
    }),
    { numRuns: 2000 },
  )
})
