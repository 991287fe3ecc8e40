import { randomInt } from 'node:crypto'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import { StatusError } from '@pulse/api'
import type { LogRequest, OpenLog } from '../../face/call.ts'
import { followChanges } from '../../follow-changes.ts'
import { pause } from '../../pause.ts'
import { followKind } from '../../watch-source.ts'
import type { Loopback } from '../loopback.ts'
import { removeTree } from '../remove-tree.ts'
import { createAddressPool } from './address-pool.ts'
import type { RunnerContext } from './context.ts'
import { killAllPods } from './end-orphan.ts'
import { logFile } from './log-file.ts'
import { memoryOfPods, type PodMemory } from './memory-use.ts'
import type { PodLife } from './pod-life.ts'
import { createPodTable } from './pod-table.ts'
import { useOfPods } from './pod-use.ts'
import { bootId } from './process-table.ts'
import { readLog } from './read-log.ts'
import { secretsFolderOf } from './secrets-folder.ts'
import { createUseRates, type UseRates } from './use-rates.ts'

type Given = 'objects' | 'nodeName' | 'stateDir' | 'images' | 'volumes' | 'tasks' | 'firewall'

export interface PodRunnerOptions
  extends Pick<RunnerContext, Given | 'isolation' | 'uids' | 'events' | 'clock' | 'log'> {
  readonly loopback: Loopback
  /** In [0, 1); for the jitter of watches. */
  readonly random: () => number
}

export interface PodRunner {
  /** Resolves when the pods of an earlier Pulse are adopted and the first list is worked on. */
  readonly ready: Promise<void>
  readonly openLog: OpenLog
  /** What the processes of pods use now: processor and memory. */
  use(): Promise<UseRates>
  /** How many pods run now. */
  runningPods(): number
  /** What the pods of this machine use of memory now, those without a limit left out. */
  memory(): Promise<readonly PodMemory[]>
  /** Ends the pods, or leaves them to the next Pulse; resolves when that is done. */
  stop(options: { readonly keepPods: boolean }): Promise<void>
}

/** Longer than this nobody waits who has pressed Ctrl-C. */
const longestStopSeconds = 10
/** So much longer for what is to be written after the last process: a store that is away must not hold up the end. */
const storeSeconds = 5
/** Kinds that containers wait for. */
const awaited = ['Secret', 'ConfigMap', 'Namespace', 'PersistentVolumeClaim'] as const

/** A kubelet for one machine: brings the Pods of this node to life and keeps their status true. */
export function createPodRunner(options: PodRunnerOptions): PodRunner {
  const { stateDir, loopback } = options
  const podsFolder = join(stateDir, 'pods')
  const halt = new AbortController()
  const { signal } = halt
  const stopped = new AbortController()
  const context: RunnerContext = {
    ...options,
    podsFolder,
    secretsFolder: secretsFolderOf(stateDir, podsFolder),
    bootId: bootId(),
    capacity: { cpus: availableParallelism(), memoryBytes: totalmem() },
    addresses: createAddressPool(loopback, randomInt(2 ** 31)),
    stopping: signal,
    stopped: stopped.signal,
  }
  const table = createPodTable(context)
  const { lives } = table
  const watching = { ...options, signal, onGap: () => {} }
  const pods = followKind({ apiVersion: 'v1', kind: 'Pod' }, { ...watching, onChange: table.onPod })
  const others = awaited.map((kind) =>
    followChanges(
      { apiVersion: 'v1', kind },
      {
        ...watching,
        onChange({ object: { metadata } }) {
          const { name, namespace = name } = metadata
          for (const life of lives.values()) if (life.namespace === namespace) life.wake()
        },
        onGap() {
          for (const life of lives.values()) life.wake()
        },
      },
    ),
  )

  /** Only after the first list is it known whose Pod is gone. */
  const orphansEnded = pods.synced.then(() => (signal.aborted ? undefined : table.endOrphans()))

  async function stop({ keepPods }: { readonly keepPods: boolean }) {
    halt.abort()
    table.close()
    await Promise.all([pods, ...others].map(({ ended }) => ended))
    await orphansEnded
    for (const life of lives.values()) {
      if (keepPods) life.leave()
      else life.end(longestStopSeconds)
    }
    const ended = Promise.all([...lives.values()].map(({ done }) => done))
    if (!(await within(ended, longestStopSeconds + storeSeconds))) {
      options.log.warn(
        { pods: lives.size },
        'the store does not answer: the state of pods is not written',
      )
    }
    stopped.abort()
    if (keepPods) return
    // Also those that no Pod was read for; without the firewall nothing of a tenant may run.
    if (!(await killAllPods(context))) {
      options.log.error({}, 'processes of tenants survive SIGKILL: firewall and secrets stay')
      return
    }
    await context.firewall.remove()
    if (context.secretsFolder !== podsFolder) {
      removeSecrets(context)
    }
  }

  return {
    ready: Promise.all([pods.synced, orphansEnded]).then(() => {}),
    openLog: async (request, until) => openPodLog(lives, request, until),
    use: createUseRates({
      read: () => useOfPods([...lives.values()]),
      now: () => options.clock.now().getTime(),
      pause: (milliseconds) => pause(milliseconds, options.clock, stopped.signal),
    }),
    runningPods: () => [...lives.values()].filter((life) => life.isRunning()).length,
    memory: () => memoryOfPods([...lives.values()]),
    stop,
  }
}

/** The end goes on without it: who stops Pulse is told in its log. */
function removeSecrets({ secretsFolder, log }: RunnerContext) {
  try {
    removeTree(secretsFolder)
  } catch (error) {
    log.error({ err: error }, 'secrets of tenants stay in memory')
  }
}

/** Whether it was settled in time. */
async function within(work: Promise<unknown>, seconds: number): Promise<boolean> {
  const { promise: tooLate, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, seconds * 1000, false)
  const inTime = await Promise.race([work.then(() => true), tooLate])
  clearTimeout(timer)
  return inTime
}

async function openPodLog(
  lives: ReadonlyMap<string, PodLife>,
  { pod, container, previous, ...rest }: LogRequest,
  signal: AbortSignal,
): Promise<AsyncIterable<Buffer>> {
  const found = lives.get(pod.metadata.uid ?? '')?.logOf(container, previous)
  if (found)
    return readLog(
      { ...found, path: logFile(found.folder, container, found.restart) },
      rest,
      signal,
    )
  const where = `container "${container}" in pod "${pod.metadata.name}"`
  throw new StatusError(
    'BadRequest',
    previous ? `previous terminated ${where} not found` : `${where} is waiting to start`,
  )
}
