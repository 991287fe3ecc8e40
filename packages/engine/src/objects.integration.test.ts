import type { Log } from '@pulse/api'
import { createTestDatabase } from '@pulse/testing'
import { describeObjects } from './objects.suite.ts'
import { testKinds } from './store/conformance/kinds.ts'
import { createPostgresObjects } from './store/postgres/postgres.ts'

const quiet: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quiet,
}

describeObjects('PostgreSQL', async (options = {}) => {
  const database = await createTestDatabase()
  const open = () =>
    createPostgresObjects({
      connection: database.connection,
      kinds: testKinds,
      log: quiet,
      ...options,
    })
  const objects = await open()
  const peer = await open()
  return {
    objects,
    peer,

    async close() {
      await Promise.all([objects.close(), peer.close()])
      await database.drop()
    },
  }
})
