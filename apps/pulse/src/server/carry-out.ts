import { runGarbageCollector } from '@pulse/engine'
import { gaugeLeaks } from '../leaks/gauge-leaks.ts'
import { type EngineDeps, runEngine } from './engine.ts'
import { keepTemplates } from './first-templates.ts'
import type { Ground } from './ground.ts'
import { layScheduledTasks } from './scheduled-tasks.ts'

const eventExpiryMs = 10 * 60 * 1000

/** From here on resources are carried out; what is to be ended again goes on the stack. */
export async function carryOut(
  ground: Ground,
  given: Pick<EngineDeps, 'runtimes' | 'parameters' | 'machine' | 'roundsAfter'>,
  stack: AsyncDisposableStack,
): ReturnType<typeof runEngine> {
  const { objects, events, log, registry } = ground
  const { kinds } = registry
  const engine = await runEngine({ ...ground, ...given, kinds })
  stack.defer(() => engine.stop())
  await keepTemplates(objects, given.runtimes, log)
  await layScheduledTasks(objects, given.parameters)
  gaugeLeaks({ ...ground, objects: objects.cached })
  const collector = await runGarbageCollector({ ...ground, kinds })
  stack.defer(() => collector.stop())
  const expiry = setInterval(() => void events.expire(), eventExpiryMs)
  stack.defer(() => clearInterval(expiry))
  return engine
}
