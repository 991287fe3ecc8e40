import { stoppedReason } from '@pulse/api'
import { untilAborted } from '../../pause.ts'
import { attempt } from './attempt.ts'
import { oomKills, removeGroups } from './cgroup.ts'
import { attemptsOf, type ContainerHost, tell } from './container-host.ts'
import type { Ended, Run } from './journal.ts'
import { setupFailedCode } from './launch.ts'
import { lastWords, logFile } from './log-file.ts'
import { notReady } from './moment.ts'
import { signalProcess } from './process-table.ts'
import { type Exit, killAll, removeTraces } from './run-process.ts'
import type { LiveRun } from './start-container.ts'
import { inStep } from './steps.ts'
import { killStrays } from './strays.ts'

/** preStop, SIGTERM to the main process, then SIGKILL to all that is left when the grace is over. */
export async function endRun(
  host: ContainerHost,
  live: LiveRun,
  graceOver: AbortSignal,
): Promise<void> {
  const { container } = host
  const exited = new AbortController()
  live.exited.finally(() => exited.abort()).catch(() => undefined)
  const over = AbortSignal.any([exited.signal, graceOver])
  tell(host, {
    type: 'Normal',
    reason: 'Killing',
    message: `Stopping container ${container.name}`,
  })
  if (container.preStop && !graceOver.aborted) {
    const message = await attempt(container.preStop, attemptsOf(host, live.run), over)
    if (message !== undefined) tell(host, { type: 'Warning', reason: 'FailedPreStopHook', message })
  }
  live.cancel()
  if (live.run.process) signalProcess(live.run.process, 'SIGTERM')
  await untilAborted(over)
  if (!exited.signal.aborted) await inStep('kill', () => killAll(live.run))
}

/** What is left of the run goes, and how it ended is written down. */
export async function conclude(host: ContainerHost, run: Run, exit: Exit): Promise<Ended> {
  const { context, container, record, folder, halt } = host
  await killSurely(host, run)
  const isOutOfMemory = oomKills(run.cgroups) > 0
  removeGroups(run.cgroups)
  removeTraces(folder, run.token)
  const exitCode = exit === 'unknown' ? 137 : exit.code
  const path = logFile(folder, container.name, record.of(container.name).restarts)
  const wasAsked = halt.order()?.type === 'end'
  const ended: Ended = {
    token: run.token,
    exitCode,
    reason: wasAsked ? stoppedReason : reasonOf(exit, isOutOfMemory),
    message: exitCode === 0 ? '' : await lastWords(path),
    startedAt: run.startedAt,
    finishedAt: `${context.clock.now().toISOString().slice(0, 19)}Z`,
  }
  await inStep('conclude', () => record.end(container.name, ended))
  host.show(notReady)
  return ended
}

/** While anything of a run lives its container has not ended: a second one would write the same files. */
async function killSurely({ context, container, pod }: ContainerHost, run: Run): Promise<void> {
  const isOver = async () => (await killAll(run)) && (await killStrays(context, run))
  while (!(await isOver()) && !context.stopped.aborted) {
    context.log.warn({ pod: pod().name, container: container.name }, 'processes survive SIGKILL')
  }
}

function reasonOf(exit: Exit, isOutOfMemory: boolean): string {
  if (exit === 'unknown') return 'ContainerStatusUnknown'
  if (exit.code === 0) return 'Completed'
  if (isOutOfMemory) return 'OOMKilled'
  return exit.code === setupFailedCode ? 'StartError' : 'Error'
}
