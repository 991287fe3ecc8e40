import { createMemoryStore } from '../world.suite.ts'
import { describeCronJobControllers } from './cron-job-controllers.suite.ts'
import { describeMachineControllers } from './machine-controllers.suite.ts'
import { describeWorkloadControllers } from './workload-controllers.suite.ts'

describeMachineControllers('memory', createMemoryStore)
describeWorkloadControllers('memory', createMemoryStore)
describeCronJobControllers('memory', createMemoryStore)
