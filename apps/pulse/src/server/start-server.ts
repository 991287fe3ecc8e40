import type { Log } from '@pulse/api'
import { createVolumeFolders } from '@pulse/engine'
import type { LineState } from '@pulse/odoo'
import { copyStandIn } from '@pulse/testing'
import type { PulseConfig } from '../config.ts'
import { version } from '../version.ts'
import { carryOut } from './carry-out.ts'
import { choosePorts, openDoors } from './doors.ts'
import { layFoundation } from './foundation.ts'
import { openGround } from './ground.ts'
import { runHousekeeping } from './housekeeping.ts'
import { createLatest } from './latest.ts'
import { startNode } from './node.ts'
import { machineParameters } from './parameters.ts'
import { forgetRunning, type Running, writeRunning } from './running.ts'
import { openRuntimes } from './runtimes.ts'

export interface ServerOptions {
  readonly config: PulseConfig
  readonly log: Log
  /** Told before each part starts, for people who wait. */
  readonly onStep: (text: string) => void
  /** Told what people must see while it runs. */
  readonly onNotice: (text: string) => void
  /** Gives the start up: what it began is ended in order, what it found running stays as it was. */
  readonly interrupted?: AbortSignal
}

export interface Server {
  readonly running: Running
  /** Whether tenants are served by the stand-in, for want of a real Odoo. */
  readonly standIn: boolean
  /** What does not hold on this machine, for people to know. */
  readonly warnings: readonly string[]
  /** Stops in the reverse order of the start; tenants and PostgreSQL may be left running. */
  stop(options: { readonly keepTenants: boolean }): Promise<void>
}

/** Starts everything on one machine, in the order in which the parts stand on each other. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const halt = new AbortController()
  await using stack = new AsyncDisposableStack()
  try {
    return await startParts(options, { halt, stack })
  } catch (error) {
    // What has begun ends as at a stop: some work goes on until the signal, and tries again for ever without its store.
    halt.abort(error)
    throw error
  }
}

interface Life {
  readonly halt: AbortController
  readonly stack: AsyncDisposableStack
}

async function startParts(
  { config, log, onStep, onNotice, interrupted }: ServerOptions,
  { halt, stack }: Life,
): Promise<Server> {
  const { signal } = halt
  const giveUp = () => halt.abort(interrupted?.reason)
  interrupted?.addEventListener('abort', giveUp, { once: true })
  /** Each step is a place to give up, also for work that knows no signal. */
  const step = (text: string) => {
    interrupted?.throwIfAborted()
    onStep(text)
  }
  let keepTenants: boolean | undefined
  const keeps = () => keepTenants

  const ground = await openGround(
    { config, log, signal, onStep: step, onNotice, keepsPostgres: keeps },
    stack,
  )
  const { state, postgres, objects, clock } = ground

  step('looking after running tenants')
  await copyStandIn(state.paths.standIn)
  const runtimes = await openRuntimes(config, { log, signal })
  const ports = await choosePorts(ground)
  // A start that fails leaves the tenants that it found running.
  const keepsTenants = () => keepTenants ?? postgres.adopted
  const node = await startNode(ground, runtimes, { stack, keepsTenants })

  // From here on resources are carried out.
  const parameters = machineParameters(config, {
    httpPort: ports.http,
    postgres: postgres.tenant,
    isolation: node.isolation,
  })
  const machine = {
    log,
    volumes: createVolumeFolders(state.paths.volumes),
    ...(node.ownUsers && { uids: ground.machine.uids }),
  }
  await layFoundation(objects, parameters)

  // Changes are heard before anybody can make some; tenants are served before all that rests is looked at anew.
  const served = Promise.withResolvers<void>()
  const carried = { runtimes, parameters, machine, roundsAfter: served.promise }
  const { isRunning: isCarriedOut } = await carryOut(ground, carried, stack)

  step('opening the doors')
  const standbys = createLatest<readonly LineState[]>([])
  const around = { runner: node.runner, disks: node.disks, runtimes, standbys }
  const doors = await openDoors(ground, { ...around, ports, isCarriedOut }, stack)
  served.resolve()

  const housekeeping = runHousekeeping(ground, parameters, around)
  stack.defer(() => {
    halt.abort()
    return housekeeping
  })

  interrupted?.throwIfAborted()
  const running: Running = {
    pid: process.pid,
    version,
    startedAt: clock.now().toISOString(),
    ...doors,
    postgres: { source: postgres.source, major: postgres.major },
  }
  await writeRunning(state.root, running)
  stack.defer(() => forgetRunning(state.root))

  // From here on the end has its own order.
  interrupted?.removeEventListener('abort', giveUp)
  const stops = stack.move()
  return {
    running,
    standIn: runtimes.standIn(),
    warnings: [
      ...(node.isolationProblem === undefined ? [] : [node.isolationProblem]),
      ...ports.warnings,
    ],
    async stop(options) {
      keepTenants = options.keepTenants
      halt.abort()
      await stops.disposeAsync()
    },
  }
}
