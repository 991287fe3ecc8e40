import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { mountScript } from './mount-script.ts'
import { planSharedMemory } from './shared-memory.ts'

const hasPlace = existsSync('/dev/shm')

test.runIf(hasPlace)(
  'it is half of the limit, as Linux does for a machine; else what Docker gives',
  () => {
    expect(plan({ memoryBytes: 2 ** 30 })).toMatchObject({ sizeBytes: 2 ** 29, mostFiles: 2 ** 17 })
    expect(plan({})).toMatchObject({ sizeBytes: 2 ** 26, mostFiles: 2 ** 14 })
  },
)

test.each(['/dev/shm', '/dev/shm/below'])('a volume at %s takes its place', (target) => {
  expect(plan({ targets: ['/etc/odoo', target] })).toBeUndefined()
})

test.runIf(hasPlace)(
  'it is one mount, unless the state directory lies there and must stay reachable',
  () => {
    expect(scriptOf({ memoryBytes: 8192 })).toEqual([
      "mount -t tmpfs -o size=4096,nr_inodes=1,mode=1777,nosuid,nodev pulse '/dev/shm'",
      'cd /',
    ])
    const folder = mkdtempSync(join(tmpdir(), 'pulse-shared-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    expect(scriptOf({ memoryBytes: 8192, stateDir: '/dev/shm/a/state', folder })).toEqual([
      `mount -t tmpfs -o size=4096,nr_inodes=1,mode=1777,nosuid,nodev pulse '${folder}/shm'`,
      `(umask 022; mkdir -p '${folder}/shm/a/state')`,
      `mount --rbind '/dev/shm/a/state' '${folder}/shm/a/state'`,
      `mount --move '${folder}/shm' '/dev/shm'`,
      'cd /',
    ])
    expect(existsSync(join(folder, 'shm'))).toBe(true)
  },
)

type Input = Partial<Parameters<typeof planSharedMemory>[0]>

function plan(input: Input) {
  const usual = { memoryBytes: undefined, targets: [], stateDir: '/var/lib/pulse', folder: '/none' }
  return planSharedMemory({ ...usual, ...input })
}

function scriptOf(input: Input) {
  const sharedMemory = plan(input)
  return mountScript({ skeletons: [], binds: [], ...(sharedMemory && { sharedMemory }) })
}
