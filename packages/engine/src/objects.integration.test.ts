import { createTestDatabase } from '@pulse/testing'
import { describeObjects } from './objects.suite.ts'
import { silent } from './silent-log.suite.ts'
import type { CreateHarness } from './store/conformance/harness.ts'
import { testKinds } from './store/conformance/kinds.ts'
import { describeRelations } from './store/conformance/relations.suite.ts'
import { createPostgresObjects } from './store/postgres/postgres.ts'

async function openTwo(options: Parameters<CreateHarness>[0] = {}) {
  const database = await createTestDatabase()
  const open = () =>
    createPostgresObjects({
      connection: database.connection,
      kinds: testKinds,
      log: silent,
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
}

async function openTwoCached(options: Parameters<CreateHarness>[0] = {}) {
  const { objects, ...others } = await openTwo(options)
  return { ...others, objects: objects.cached }
}

describeObjects('PostgreSQL', openTwo)
describeRelations('PostgreSQL', openTwo)
describeRelations('PostgreSQL, of which what was read is kept', openTwoCached)
