import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, readdir, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bench, fillArgv, hasFixtures, openBench, whyNoFixtures } from '../bench.suite.ts'

const small = await mountSmall()

describe.skipIf(!hasFixtures || small === undefined)(
  `a full disk (${whyNoFixtures}, and root that may mount)`,
  () => {
    let bench: Bench

    beforeAll(async () => {
      bench = await openBench()
      await bench.importTemplate('18', 'base')
      await bench.ask('postgres', `CREATE TABLESPACE small LOCATION '${small}'`)
      // A clone lies where its template lies.
      await bench.ask(
        'postgres',
        'ALTER DATABASE "basic-template-18.localhost" SET TABLESPACE small',
      )
    })
    afterAll(async () => {
      await bench[Symbol.asyncDispose]()
      if (small === undefined) return
      execFileSync('umount', ['--lazy', small])
      await rm(small, { recursive: true, force: true })
    })

    test('while cloning is told as such, leaves nothing, and with room the task goes on', async () => {
      const [used] = await bench.ask('postgres', "SELECT pg_tablespace_size('small')::text")
      const kilobytes = Math.ceil((Number(used) * 1.3) / 1024)
      remount(`size=${kilobytes}k`)
      const before = await bench.databases()
      await expect(bench.task('fill', fillArgv('full', '18', 'pool'))).rejects.toThrow(
        /no space left: template basic-template-18\.localhost needs \d+ MB, \d+ MB are free/,
      )
      expect(await bench.databases()).toEqual(before)
      expect(await databaseFolders()).toHaveLength(1)
      remount('size=256m')
      await bench.task('fill', fillArgv('full', '18', 'pool'))
      expect(await bench.databases()).toEqual([...before, 'standby_full'])
    })

    test('that fills up while cloning is told as such too', async () => {
      const before = await bench.databases()
      const { files, ffree } = await statfs(String(small))
      // Bytes enough, but no more files: nothing tells that beforehand.
      remount(`nr_inodes=${files - ffree + 50}`)
      await expect(bench.task('fill', fillArgv('files', '18', 'pool'))).rejects.toThrow(
        'no space left to clone basic-template-18.localhost: make room',
      )
      expect(await bench.databases()).toEqual(before)
      remount('nr_inodes=100000')
      await bench.task('fill', fillArgv('files', '18', 'pool'))
    })

    /** One for each database that lies on the small disk. */
    async function databaseFolders(): Promise<readonly string[]> {
      const entries = await readdir(String(small), { recursive: true })
      return entries.filter((path) => /^PG_[^/]+\/\d+$/.test(path))
    }
  },
)

function remount(option: string): void {
  execFileSync('mount', ['-o', `remount,${option}`, String(small)])
}

async function mountSmall(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'pulse-small-'))
  await chmod(folder, 0o777)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256m,mode=0777', 'tmpfs', folder], {
      stdio: 'ignore',
    })
    // PostgreSQL wants the folder for itself alone.
    execFileSync('chown', ['postgres', folder], { stdio: 'ignore' })
    return folder
  } catch {
    await rm(folder, { recursive: true, force: true })
    return undefined
  }
}
