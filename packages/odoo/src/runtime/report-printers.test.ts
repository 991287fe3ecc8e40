import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { placeReportPrinters } from './report-printers.ts'

let folder: string
let echo: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulse-printers-'))
  echo = join(folder, "it's an echo")
  await writeFile(echo, `#!/bin/sh\nprintf '%s\\n' "$@"\n`)
  await chmod(echo, 0o755)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const place = (found: string | undefined) =>
  placeReportPrinters(join(folder, 'bin'), {
    httpPort: 8069,
    find: async (name) => (name === 'wkhtmltopdf' ? found : undefined),
  })
const print = (env: Record<string, string>) =>
  execFileSync(join(folder, 'bin/wkhtmltopdf'), ['--quiet', 'two words.html'], { env })
    .toString()
    .trim()
    .split('\n')

test('a printer asks the worker that prints, for names too', async () => {
  await place(echo)
  expect(print({ POD_IP: '127.9.1.2' })).toEqual([
    ...['--proxy', 'http://127.9.1.2:8069', '--proxy-hostname-lookup'],
    ...['--quiet', 'two words.html'],
  ])
})

test('a printer of a guarded worker says whom it means where no argument shows it', async () => {
  const reader = join(folder, 'reader')
  await writeFile(reader, `#!/bin/sh\necho "$@"\ncat\n`)
  await chmod(reader, 0o755)
  await place(reader)
  const [shown, piped] = print({
    PATH: process.env.PATH ?? '',
    POD_IP: '127.9.1.2',
    PULSE_BACKEND_IDENTITY: 'acme-prod.1.f00',
  })
  expect(shown).toBe('--read-args-from-stdin')
  expect(piped).toBe(
    '--custom-header X-Pulse-Backend acme-prod.1.f00 --custom-header-propagation' +
      ' "--proxy" "http://127.9.1.2:8069" "--proxy-hostname-lookup" "--quiet" "two words.html"',
  )
})

test('outside of a worker it is the program itself', async () => {
  await place(echo)
  expect(print({})).toEqual(['--quiet', 'two words.html'])
})

test('what the machine does not have, or has no longer, is not there', async () => {
  await place(echo)
  expect(await readdir(join(folder, 'bin'))).toEqual(['wkhtmltopdf'])
  await place(undefined)
  expect(await readdir(join(folder, 'bin'))).toEqual([])
})
