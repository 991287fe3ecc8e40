import { expect, test } from 'vitest'
import { withRows, withSection } from './bench/benchmarks-page.ts'

test('what is measured anew takes the place of its section, and leaves the others', () => {
  const page = '# Benchmarks\n\nWords.\n\n## One\n\nold\n\n## Two\n\nkept\n'
  expect(withSection(page, 'One', 'new\n')).toBe(
    '# Benchmarks\n\nWords.\n\n## One\n\nnew\n\n## Two\n\nkept\n',
  )
  expect(withSection(page, 'Three', 'last')).toBe(`${page}\n## Three\n\nlast\n`)
})

test('rows that were measured anew take the place of theirs, and stand beside those of other runs', () => {
  const head = ['wakes', 'ms']
  const write = (page: string, ...rows: readonly (readonly string[])[]) =>
    withRows(page, 'Wakes', { intro: 'How.', tables: [{ head, rows }] })
  const first = write('# Benchmarks\n\n## Other\n\nkept\n', ['30 at once', '8,000'])
  const second = write(first, ['100 at once', '25,000'], ['in turn', '500'])
  expect(write(second, ['30 at once', '7,000'])).toBe(`# Benchmarks

## Other

kept

## Wakes

How.

| wakes | ms |
| --- | --- |
| 30 at once | 7,000 |
| 100 at once | 25,000 |
| in turn | 500 |
`)
})

test('a table with another head stands after those of its section', () => {
  const write = (page: string, head: readonly string[], row: readonly string[]) =>
    withRows(page, 'Wakes', { intro: 'How.', tables: [{ head, rows: [row] }] })
  const page = write('# Benchmarks\n', ['wakes', 'ms'], ['in turn', '500'])
  expect(write(page, ['races', 'lost'], ['20 tenants', '0'])).toBe(`${page}
| races | lost |
| --- | --- |
| 20 tenants | 0 |
`)
})
