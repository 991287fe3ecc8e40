/**
 * A runner in a process of its own, to be killed: it carries out the Pod that its argument holds and ends itself with
 * SIGKILL at the step it is told, or when the Pod is ready.
 */
import { subscribe } from 'node:diagnostics_channel'
import { startForkParent } from '../fork-parent.suite.ts'
import type { ForkServer } from '../fork-server.ts'
import { createMachine, isReady } from '../pod-runner.suite.ts'

const { stateDir, octet, podUid, spec, killAt } = JSON.parse(process.argv[2] ?? '{}')
subscribe('pulse.step', (message) => {
  const { step, phase } = Object(message)
  if (`${step} ${phase}` === killAt) process.kill(process.pid, 'SIGKILL')
})
const isForked = JSON.stringify(spec).includes('"forked"')
const fork = isForked ? dying(await startForkParent(stateDir)) : undefined
const machine = await createMachine({ octet, stateDir, podUid, ...(fork && { fork }) })
const pod = await machine.createPod(spec)
await machine.until(pod, isReady)
process.kill(process.pid, 'SIGKILL')

/** Kills us when the request is on its way and the answer is not yet here. */
function dying(parent: ForkServer): ForkServer {
  return {
    ...parent,
    fork(request, signal) {
      const forked = parent.fork(request, signal)
      if (killAt === 'fork sent') setImmediate(() => process.kill(process.pid, 'SIGKILL'))
      return forked
    },
  }
}
