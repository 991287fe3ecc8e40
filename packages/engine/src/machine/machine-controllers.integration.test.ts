import { createTestDatabase } from '@pulse/testing'
import { silent } from '../silent-log.suite.ts'
import { createPostgresObjects } from '../store/postgres/postgres.ts'
import type { CreateStore } from '../world.suite.ts'
import { describeCronJobControllers } from './cron-job-controllers.suite.ts'
import { describeMachineControllers } from './machine-controllers.suite.ts'
import { describeWorkloadControllers } from './workload-controllers.suite.ts'

const createStore: CreateStore = async (kinds) => {
  const database = await createTestDatabase()
  const objects = await createPostgresObjects({
    connection: database.connection,
    kinds,
    log: silent,
  })
  return {
    ...objects,
    async close() {
      await objects.close()
      await database.drop()
    },
  }
}

describeMachineControllers('PostgreSQL', createStore)
describeWorkloadControllers('PostgreSQL', createStore)
describeCronJobControllers('PostgreSQL', createStore)
