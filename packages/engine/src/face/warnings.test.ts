import fc from 'fast-check'
import { expect, test } from 'vitest'
import { textAnswer } from './answer.ts'
import { withWarnings } from './warnings.ts'

test('whatever a field is called, its warning stays one quoted header', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 2000 }), (text) => {
      const [header] = [withWarnings(textAnswer(''), [text]).headers?.Warning].flat()
      expect(header).toMatch(/^299 - "(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"$/)
    }),
  )
})
