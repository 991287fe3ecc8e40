import { pause } from '../../pause.ts'
import { type BackOff, nextBackOff, restarts } from './back-off.ts'
import { ConfigError } from './config-error.ts'
import { attemptsOf, type ContainerHost, tell } from './container-host.ts'
import { conclude, endRun } from './end-container.ts'
import { createGrace } from './grace.ts'
import type { Ended, Run } from './journal.ts'
import { keepRotated, logFile } from './log-file.ts'
import { lastMoment, type Moment, notReady } from './moment.ts'
import { probeContainer } from './prober.ts'
import { adoptProcess, type Exit, inheritRun, removeTraces } from './run-process.ts'
import { shortageIn } from './shortage.ts'
import { type LiveRun, startContainer } from './start-container.ts'

/** A Secret's coming rings a bell; what rings none (a runtime registered) is looked for this often. */
const retryConfigMs = 10_000

/** Runs a container until it has ended for good (the answer) or the pod is halted. */
export async function liveContainer(host: ContainerHost): Promise<Ended | undefined> {
  const { context, container, record, halt } = host
  let backOff: BackOff | undefined
  let before = lastMoment(host.pod(), container.name, record.of(container.name).run)
  for (;;) {
    const { run, ended } = record.of(container.name)
    if (!run && ended && !restarts(host.pod().restartPolicy, ended.exitCode)) {
      host.show(notReady)
      return ended
    }
    if (!run && ended && backOff) await waitBackOff(host, ended, backOff)
    if (!run && halt.signal.aborted) return undefined
    const live = run ? await inherit(host, run) : await startWhenPossible(host)
    if (!live) {
      before = notReady
      continue
    }
    const exit = await watchRun(host, live, before)
    if (exit === 'left') return undefined
    const last = await conclude(host, live.run, exit)
    const ranMs = context.clock.now().getTime() - Date.parse(last.startedAt)
    backOff = nextBackOff(backOff, ranMs)
    before = notReady
  }
}

/** Takes over what a killed Pulse had begun; undefined when nothing runs any more. */
async function inherit(host: ContainerHost, run: Run): Promise<LiveRun | undefined> {
  const { context, container, record, folder, halt } = host
  const isOld = run.bootId !== context.bootId
  const found = isOld || run.type === 'task' ? { type: 'ended' as const } : inheritRun(folder, run)
  if (found.type === 'never-ran') {
    removeTraces(folder, run.token)
    record.withdraw(container.name)
    return undefined
  }
  if (found.type === 'ended') {
    // Pids of an older start of the machine are others' now.
    await conclude(host, isOld ? { ...run, process: undefined } : run, 'unknown')
    return undefined
  }
  record.identify(container.name, found.identity)
  const left = new AbortController()
  halt.signal.addEventListener('abort', () => {
    if (halt.order()?.type === 'leave') left.abort()
  })
  const { exited } = adoptProcess(found.identity, left.signal)
  return { run: { ...run, process: found.identity }, exited, cancel: () => {} }
}

/** Starts the container as soon as all it names is there; undefined when the pod was halted before. */
async function startWhenPossible(host: ContainerHost): Promise<LiveRun | undefined> {
  const { context, container, record, folder, halt, sources } = host
  while (!halt.signal.aborted) {
    const woken = new AbortController()
    const off = sources.onRing(() => woken.abort())
    try {
      return await startContainer({ context, pod: host.pod(), container, record, folder })
    } catch (error) {
      const reason = error instanceof ConfigError ? error.reason : 'CreateContainerError'
      const message = shortageIn(error) ?? (error instanceof Error ? error.message : String(error))
      if (!(error instanceof ConfigError)) {
        context.log.error({ err: error, pod: host.pod().name }, 'container not started')
        withdrawUnlessBegun(host, error)
      }
      host.show({ ...notReady, waiting: { reason, message } })
      tell(host, { type: 'Warning', reason: 'Failed', message })
      await pause(retryConfigMs, context.clock, AbortSignal.any([halt.signal, woken.signal]))
    } finally {
      off()
    }
  }
  return undefined
}

/** A run that has begun all the same is no other's: it is taken over like one of a killed Pulse. */
function withdrawUnlessBegun({ container, record, folder }: ContainerHost, error: unknown): void {
  const { run } = record.of(container.name)
  if (run === undefined) return
  if (run.type === 'process' && inheritRun(folder, run).type !== 'never-ran') throw error
  removeTraces(folder, run.token)
  record.withdraw(container.name)
}

async function waitBackOff(host: ContainerHost, ended: Ended, { delayMs }: BackOff): Promise<void> {
  if (delayMs === 0) return
  const { context, halt, container } = host
  const words = ended.message === '' ? '' : `: ${ended.message}`
  const message = `back-off ${delayMs / 1000}s restarting failed container=${container.name}${words}`
  host.show({ ...notReady, waiting: { reason: 'CrashLoopBackOff', message } })
  tell(host, {
    type: 'Warning',
    reason: 'BackOff',
    message: `Back-off restarting failed container ${container.name}`,
  })
  const since = context.clock.now().getTime() - Date.parse(ended.finishedAt)
  await pause(delayMs - Math.max(0, since), context.clock, halt.signal)
}

/** From its start to its end: probes, log rotation, and the end when the pod or a probe asks for it. */
async function watchRun(
  host: ContainerHost,
  live: LiveRun,
  before: Moment,
): Promise<Exit | 'left'> {
  const { context, container, record, folder, halt } = host
  const over = new AbortController()
  const moment = { ...before, started: before.started || !container.startupProbe }
  const show = (change: Partial<Moment>) => host.show(Object.assign(moment, change))
  show({})
  if (!before.started)
    tell(host, {
      type: 'Normal',
      reason: 'Started',
      message: `Started container ${container.name}`,
    })

  let ending: Promise<void> | undefined
  using grace = createGrace(context.clock)
  const end = (graceSeconds: number) => {
    grace.shorten(graceSeconds)
    ending ??= endRun(host, live, grace.over)
  }
  const { promise: left, resolve: leave } = Promise.withResolvers<'left'>()
  const off = halt.onOrder((order) => {
    if (order.type === 'end') end(order.graceSeconds)
    else leave('left')
  })

  const probes = probeContainer(
    {
      ...attemptsOf(host, live.run),
      container,
      before,
      clock: context.clock,
      onStarted: () => show({ started: true }),
      onReady: (ready, message) => {
        show({ ready })
        if (!ready)
          tell(host, {
            type: 'Warning',
            reason: 'Unhealthy',
            message: `Readiness probe failed: ${message}`,
          })
      },
      onFailed: (probe, message) => {
        tell(host, {
          type: 'Warning',
          reason: 'Unhealthy',
          message: `${probe} probe failed: ${message}`,
        })
        tell(host, {
          type: 'Normal',
          reason: 'Killing',
          message: `Container ${container.name} failed its ${probe} probe`,
        })
        end(container[`${probe}Probe`]?.graceSeconds ?? host.pod().graceSeconds)
      },
    },
    AbortSignal.any([over.signal, halt.signal]),
  )
  const log = logFile(folder, container.name, record.of(container.name).restarts)
  const stopRotation = keepRotated(log, context.log)
  try {
    return await Promise.race([live.exited, left])
  } finally {
    stopRotation()
    over.abort()
    off()
    await Promise.all([probes, ending])
  }
}
