import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { pulseOfTest } from './pulse-under-test.suite.ts'
import {
  administratorOf,
  databasesOf,
  environmentRef,
  logIn,
  type Sql,
  tenant,
  unfinishedIn,
  untilCondition,
  untilReady,
  untilTemplatesReady,
} from './tenants-under-test.suite.ts'

const run = promisify(execFile)
const patience = { timeout: 60_000, interval: 100 }
const isRoot = process.getuid?.() === 0

/** Enough for what the store writes, too little for a clone. */
const leftBytes = 32 * 2 ** 20
const templateDatabase = 'basic-template-18.localhost'
/** About 160 MB. */
const heavyRows = 160_000

/** A disk of its own. */
async function mountDisk(): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'pulse-disk-'))
  await chmod(place, 0o711)
  await run('mount', ['-t', 'tmpfs', '-o', 'size=1500m,mode=711', 'tmpfs', place])
  onTestFinished(async () => {
    await run('umount', ['--lazy', place])
    await rm(place, { recursive: true, force: true })
  })
  return place
}

async function fillDisk(place: string): Promise<string> {
  const { bavail, bsize } = await statfs(place)
  const ballast = join(place, 'ballast')
  await run('fallocate', ['-l', String(bavail * bsize - leftBytes), ballast])
  return ballast
}

/** A template of the size that a real one has; the log of its making goes before the disk is measured. */
async function makeHeavy(sql: Sql) {
  const allow = (isAllowed: boolean) =>
    sql('postgres', `ALTER DATABASE "${templateDatabase}" ALLOW_CONNECTIONS ${isAllowed}`)
  await allow(true)
  await sql(
    templateDatabase,
    `CREATE TABLE heavy AS SELECT repeat(md5(n::text), 30) AS text FROM generate_series(1, ${heavyRows}) AS n`,
  )
  await allow(false)
  for (let round = 0; round < 3; round += 1) {
    await sql('postgres', 'SELECT pg_switch_wal()')
    await sql('postgres', 'CHECKPOINT')
  }
}

test.skipIf(!isRoot)(
  'on a full disk a tenant says why it waits, nothing half-made is in reach, and it goes on when there is room (needs root for a disk of its own)',
  async () => {
    const disk = await mountDisk()
    const stateDir = join(disk, 'state')
    await mkdir(stateDir, { mode: 0o711 })
    const pulse = await pulseOfTest({ stateDir })
    const objects = await pulse.objects()
    const sql = await administratorOf(pulse)
    await untilTemplatesReady(objects)
    // What is made ahead is made: from now on only the tenant asks for room.
    await expect
      .poll(() => sql('pulse', 'SELECT count(*)::int AS count FROM odoo.standby'), patience)
      .toEqual([{ count: 2 }])
    await makeHeavy(sql)

    const ballast = await fillDisk(disk)
    await objects.create(tenant('squeezed', { hosting: 'instance' }), { fieldManager: 'test' })
    const condition = await untilCondition(objects, environmentRef('squeezed'), {
      type: 'DatabaseReady',
      status: 'False',
      reason: 'ClaimRetries',
    })
    expect(condition.message).toContain('no space left')
    expect(await databasesOf(sql)).not.toContain('squeezed.localhost')

    await rm(ballast)
    await untilReady(objects, 'squeezed')
    expect(await logIn(pulse, objects, 'squeezed')).toMatch(/^\d+$/)
    await expect.poll(() => unfinishedIn(sql), patience).toEqual([])
  },
)
