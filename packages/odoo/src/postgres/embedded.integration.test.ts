import { chmod, cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { serverAccount } from './account.ts'
import { adminConnection } from './admin-connection.ts'
import { configure, initialise, makeFolders, startServer, stopServer } from './cluster.ts'
import { findAddress } from './loopback.suite.ts'
import { copyEmbedded, embeddedPackage } from './programs.ts'

const installed = embeddedPackage()

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulse-embedded-'))
  await chmod(folder, 0o711)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test.skipIf(installed === undefined)(
  'the embedded server runs from a checkout under a private home (needs the optional package, which npm has for Linux x64 and arm64)',
  async () => {
    // Nobody else may pass it, and its files come without the right to be executed by others.
    const home = join(folder, 'home')
    await mkdir(home, { mode: 0o700 })
    await cp(String(installed), join(home, 'package'), { recursive: true })
    await chmod(join(home, 'package/native/bin/postgres'), 0o700)

    const base = join(folder, 'postgres')
    await mkdir(base, { mode: 0o711 })
    const account = await serverAccount()
    const programs = await copyEmbedded(join(home, 'package'), base)
    expect(programs.source).toBe('embedded')
    // From here on the copy stands alone.
    await rm(home, { recursive: true })
    const place = {
      data: join(base, 'data'),
      run: join(base, 'run'),
      log: join(base, 'log'),
      listenAddress: await findAddress(),
      port: 5432,
    }
    await makeFolders(place, account)
    await initialise(place, programs, { account })
    await configure(place, account)
    await startServer(place, programs, { account })
    try {
      const client = new pg.Client({ ...adminConnection(place).admin, database: 'postgres' })
      await client.connect()
      const { rows } = await client.query('SHOW server_version_num')
      await client.query('CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent')
      await client.end()
      expect(Math.floor(Number(rows[0].server_version_num) / 10_000)).toBe(programs.major)
    } finally {
      await stopServer(place, programs, account)
    }
  },
)
