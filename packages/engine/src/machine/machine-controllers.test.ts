import { createMemoryStore } from '../world.suite.ts'
import { describeMachineControllers } from './machine-controllers.suite.ts'

describeMachineControllers('memory', createMemoryStore)
