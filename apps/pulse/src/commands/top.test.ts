import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { MachineTop, TopRow } from '../machine-top/schema.ts'
import { writeRunning } from '../server/running.ts'
import { createTestCommand } from './pulse-command.suite.ts'
import { runningOf } from './status.suite.ts'
import { topScreen } from './top-screen.ts'
import { press, rowsOf, type TopView } from './top-view.ts'

const at = Date.parse('2026-01-01T12:00:00Z')

function row(name: string, more: Partial<TopRow> = {}): TopRow {
  const use = { cpus: 0, memoryBytes: 0, pods: 1 }
  return { name, hosting: 'instance', state: 'awake', ...use, requests: 0, ...more }
}

function topOf(rows: TopRow[], more: Partial<MachineTop> = {}): MachineTop {
  const totals = { cpus: 1.5, memoryBytes: 600 * 2 ** 20, pods: 3 }
  return { at, windowMs: 2_000, rows, environments: 10_000, asleep: 9_997, totals, ...more }
}

const view: TopView = { sort: 'cpu', filter: '', isTyping: false, offset: 0 }
const acme = row('acme-prod', {
  ...{ cpus: 0.42, memoryBytes: 96 * 2 ** 20, requests: 130, lastRequestAt: at - 3_000 },
  ...{ sleepsAt: at + 600_000, databaseBytes: 42 * 2 ** 20 },
})
const member = row('beta-prod', { hosting: 'member', state: 'shared', requests: 5, pods: 0 })
const pool = row('plana-odoo-18', { hosting: 'pool', state: 'runs', cpus: 0.9, pods: 2 })

test('a row tells what it uses, how often it is asked for and when it falls asleep', () => {
  const before = topOf([row('acme-prod', { requests: 100 })], { at: at - 2_000 })
  const top = topOf([acme, member, pool])
  const lines = topScreen({ top, before, view, columns: 80 })
  expect(lines).toEqual([
    '10000 environments, 9997 asleep, 3 not; 3 pods use 1.50 CPU, 600 MiB',
    '1–3 of 3, by cpu   (c m r n sort, / filter, arrows, q quit)',
    '',
    'NAME                  STATE    CPU   MEMORY  REQ/S   LAST PODS DATABASE SLEEP IN',
    'plana-odoo-18          runs   0.90      0 B      -      -    2        -        -',
    'acme-prod             awake   0.42   96 MiB   15.0     3s    1   42 MiB      10m',
    'beta-prod            shared      -        -    2.5      -    -        -        -',
  ])
})

test.each([40, 80, 200])('in %s columns no line is wider', (columns) => {
  const long = row('a'.repeat(63), { cpus: 100, memoryBytes: 2 ** 50, requests: 1e9 })
  const lines = topScreen({ top: topOf([long]), before: topOf([]), view, columns })
  expect(lines.filter((line) => [...line].length > columns)).toEqual([])
})

test('a page is shown of many rows, and the last one stays full', () => {
  const rows = Array.from({ length: 50 }, (_, index) => row(`t${String(index).padStart(2, '0')}`))
  const end = { ...view, offset: 1_000 }
  const lines = topScreen({ top: topOf(rows), before: undefined, view: end, columns: 80, page: 10 })
  expect(lines).toHaveLength(14)
  expect(lines[1]).toMatch(/^41–50 of 50/)
})

test('rows are sorted as asked, and by name where they are alike', () => {
  const rows = [row('b', { memoryBytes: 1 }), row('c', { memoryBytes: 9 }), row('a')]
  const names = (sort: TopView['sort']) =>
    rowsOf(topOf(rows), undefined, { sort, filter: '' }).map(({ name }) => name)
  expect(names('memory')).toEqual(['c', 'b', 'a'])
  expect(names('cpu')).toEqual(['a', 'b', 'c'])
})

test('a gateway that began anew gives no rate below nothing', () => {
  const before = topOf([row('a', { requests: 500 })], { at: at - 1_000 })
  const [first] = rowsOf(topOf([row('a', { requests: 3 })]), before, view)
  expect(first?.requestsPerSecond).toBe(0)
})

test('keys sort, move, filter and end it', () => {
  const after = (...keys: readonly string[]) =>
    keys.reduce<TopView | 'quit'>((now, key) => (now === 'quit' ? now : press(now, key, 10)), view)
  expect(after('m')).toMatchObject({ sort: 'memory' })
  expect(after('down', 'pagedown', 'up')).toMatchObject({ offset: 10 })
  expect(after('up')).toMatchObject({ offset: 0 })
  expect(after('/', 'a', 'q', 'c', 'backspace', 'enter')).toMatchObject({
    ...{ filter: 'aq', isTyping: false, sort: 'cpu' },
  })
  expect(after('/', 'a', 'escape')).toMatchObject({ filter: '', isTyping: false })
  expect(after('q')).toBe('quit')
  expect(after('/', 'ctrl-c')).toBe('quit')
})

test('json has each row with its rate', async () => {
  const state = mkdtempSync(join(tmpdir(), 'pulse-top-'))
  onTestFinished(() => rmSync(state, { recursive: true }))
  await writeRunning(state, runningOf(process.pid))
  const answers = [topOf([acme]), topOf([{ ...acme, requests: 140 }], { at: at + 1_000 })]
  const { pulse, written } = createTestCommand({ top: async () => answers.shift() })
  await pulse('top', '-o', 'json', '--state', state)
  expect(JSON.parse(written.out)).toMatchObject({
    ...{ environments: 10_000, asleep: 9_997 },
    rows: [{ name: 'acme-prod', requestsPerSecond: 10, requests: 140 }],
  })
})

test('where Pulse does not run the exit code says so', async () => {
  const { pulse } = createTestCommand()
  await expect(pulse('top', '--state', '/nowhere-pulse')).rejects.toMatchObject({ exitCode: 4 })
})
