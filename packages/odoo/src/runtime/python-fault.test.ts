import { expect, test } from 'vitest'
import { faultOfPython } from './python-fault.ts'

test.each([
  ['3.11.2', '3.11.8'],
  ['3.11.7+', '3.11.8'],
  ['3.12.1', '3.12.2'],
])('Python %s is warned of, and %s is named', (version, mended) => {
  expect(faultOfPython(version)).toContain(`${mended} and later`)
})

test.each(['3.10.12', '3.11.8', '3.11.15', '3.12.2', '3.13.0', ''])(
  'Python %s is not',
  (version) => {
    expect(faultOfPython(version)).toBeUndefined()
  },
)
