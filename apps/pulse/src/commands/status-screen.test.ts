import { expect, test } from 'vitest'
import { machineOf, runningOf } from './status.suite.ts'
import { statusScreen } from './status-screen.ts'

const disk = {
  ...{ path: '/var/lib/pulse', totalBytes: 100 * 2 ** 30, freeBytes: 40 * 2 ** 30 },
  parts: [
    { name: 'databases', bytes: 3 * 2 ** 30, isWhole: false },
    { name: 'filestores', bytes: 5 * 2 ** 20, isWhole: true },
  ],
}
const facts = {
  ...{ running: runningOf(4711), disk, now: new Date('2026-01-01T01:00:00Z') },
  hint: (words: string) => `pulse ${words}`,
}

test('one screen tells what runs, what waits for what, and what went wrong', () => {
  expect(statusScreen({ ...facts, machine: machineOf() })).toBe(`PART           STATE
Gateway        http://localhost:8080
API            https://127.0.0.1:6443
Metrics        http://127.0.0.1:9090
PostgreSQL     16.4 (system), 12 of 200 connections, 9 databases, 13 MiB of its
               own
Version        0.1.0
Running for    60m, process 4711
Tenants        3, 2 ready, 1 deleted and kept
Environments   3, 2 ready, 1 asleep
Not served     1 being made
Pods           2 running
Runtimes       Odoo 18.0, forks
Standbys       basic-18 pool 1 of 2 (DiskNearlyFull)
Isolation      Isolated (OwnUserAndFirewall)
State          /var/lib/pulse
Disk           40 GiB of 100 GiB free (40 %)
Disk, used     databases > 3.0 GiB, filestores 5.0 MiB

Waiting:
  5 environments DatabaseReady=TemplateBuilding: a-prod, b-prod, c-prod, …
      waits for template basic-18
  More: pulse describe tenantenvironment a-prod

Warnings of the last hour:
  TIMES   REASON    AGE   LAST OBJECT         MESSAGE
  7×      BackOff   2m    instance-a/odoo-1   Back-off restarting failed contai…`)
})

test('however much there is to tell, it stays within 80 columns and some forty lines', () => {
  const long = 'word '.repeat(200)
  const [waiting] = machineOf().waiting
  const [warning] = machineOf().warnings
  const many = Array.from({ length: 40 })
  const machine = machineOf({
    clients: 10_000,
    waiting: many.flatMap(() => (waiting ? [{ ...waiting, message: long }] : [])),
    warnings: many.flatMap(() => (warning ? [{ ...warning, object: 'x'.repeat(120) }] : [])),
    runtimes: [{ major: '19', version: '19.0', standIn: false, forks: false, message: long }],
    waitingUnread: 9_000,
  })
  const lines = statusScreen({ ...facts, machine }).split('\n')
  expect(lines.filter((line) => [...line].length > 80)).toEqual([])
  expect(lines.length).toBeLessThan(45)
})
