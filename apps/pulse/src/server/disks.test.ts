import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log } from '@pulse/api'
import { expect, onTestFinished, test } from 'vitest'
import { readFullDisks, watchDisks } from './disks.ts'

/** A file system that never has room. */
const full = '/proc'

test('disks that are full are told with all that lies on them, each once; what is not there is left out', async () => {
  const folders = { databases: full, roomy: tmpdir(), logs: `${full}/self`, gone: '/nowhere' }
  expect(await readFullDisks(folders)).toEqual([
    { path: full, holds: 'databases, logs', freeBytes: 0, lacksFiles: false },
  ])
})

test('one that fills up is told once, and once more when it has room again', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'pulse-disks-'))
  const place = join(parent, 'logs')
  const stop = new AbortController()
  onTestFinished(() => {
    stop.abort()
    rmSync(parent, { recursive: true })
  })
  const put = (target: string) => {
    rmSync(place, { force: true })
    symlinkSync(target, place)
  }
  const lines: string[] = []
  const log: Log = {
    ...{ debug: () => undefined, info: () => undefined, child: () => log },
    warn: (_, message) => lines.push(message),
    error: (_, message) => lines.push(message),
  }
  let changes = 0
  put(tmpdir())
  const options = { folders: { logs: place }, log, signal: stop.signal, lookEveryMs: 1 }
  const disks = watchDisks(options, () => {
    changes += 1
  })
  expect(disks.condition()).toMatchObject({ type: 'DiskPressure', status: 'False' })

  put(full)
  await expect.poll(() => changes).toBe(1)
  expect(disks.condition()).toMatchObject({ status: 'True', reason: 'DiskFull' })
  expect(disks.problems()).toEqual([
    `the disk of logs (${place}) is full: less than 64 MiB are free; make room`,
  ])
  put(tmpdir())
  await expect.poll(() => changes).toBe(2)
  expect(disks.problems()).toEqual([])
  expect(lines).toEqual(['a disk is full', 'the disk has room again'])
})
