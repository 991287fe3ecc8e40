import { expect, test } from 'vitest'
import { commandLine } from './command-line.ts'

test.each([
  [{ isNpm: false }, 'pulse open acme'],
  [{ isNpm: true }, 'npm run -s pulse -- open acme'],
  [{ isNpm: false, state: './second' }, 'pulse --state ./second open acme'],
  [{ isNpm: true, state: '/srv/p' }, 'npm run -s pulse -- --state /srv/p open acme'],
  [{ isNpm: false, state: "it's mine" }, "pulse --state 'it'\\''s mine' open acme"],
])('a hint can be copied: %o', (launch, line) => {
  expect(commandLine('open acme', launch)).toBe(line)
})
