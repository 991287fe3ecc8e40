import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKinds, type KubeObject, type Log, recordOf } from '@pulse/api'
import { systemClock } from '../../clock.ts'
import type { EventNote } from '../../events.ts'
import type { Objects } from '../../objects.ts'
import { createMemoryObjects } from '../../store/memory.ts'
import { loopbackOf } from '../loopback.ts'
import type { UidRange } from '../namespace-uid.ts'
import { claimFoldersIn } from './claim-folders.ts'
import type { Images, TaskExecutor } from './context.ts'
import { listOf } from './fields.ts'
import { noFirewall } from './firewall.ts'
import type { ForkServer } from './fork-server.ts'
import { detectIsolation, type Isolation } from './isolation.ts'
import { readJournals } from './journal.ts'
import { createPodRunner, type PodRunner } from './pod-runner.ts'
import { statOf } from './process-table.ts'
import { killAll } from './run-process.ts'

const silent: Log = {
  debug: () => {},
  info: () => {},
  warn: (facts, message) => console.error(message, facts),
  error: (facts, message) => console.error(message, facts),
  child: () => silent,
}

const images = (fork: ForkServer | undefined): Images => ({
  resolveImage: (image) => {
    const shell = { type: 'process', command: ['/bin/sh', '-c'] } as const
    if (image === 'sh') return shell
    if (image === 'forked') return { ...shell, ...(fork && { fork }) }
    if (image === 'node') return { type: 'process', command: [process.execPath, '-e'] }
    return image === 'task' ? { type: 'task-runner' } : undefined
  },
  knownImages: () => ['sh', 'node', 'task'],
})

/** A machine of its own: store, state directory, loopback range and runner; all of it goes with `close`. */
export interface Machine {
  readonly objects: Objects
  readonly stateDir: string
  readonly isolation: Isolation
  readonly notes: EventNote[]
  runner: PodRunner
  /** A new runner over the same state, as after a new start of Pulse. */
  restart(): void
  createPod(spec: object, namespace?: string): Promise<KubeObject>
  create(object: object): Promise<KubeObject>
  /** Waits until the Pod's object fulfils the condition. */
  until(pod: KubeObject, condition: (pod: KubeObject) => boolean): Promise<KubeObject>
  untilGone(pod: KubeObject): Promise<void>
  logOf(pod: KubeObject, container?: string): string
  close(): Promise<void>
}

export interface MachineOptions {
  readonly isolation?: Partial<Isolation>
  readonly tasks?: TaskExecutor
  /** Forks what is started of image `forked`. */
  readonly fork?: ForkServer
  readonly octet: number
  /** Users that no other test gives to a namespace. */
  readonly uids?: UidRange
  /** One that an earlier machine has left. */
  readonly stateDir?: string
  /** Of the first Pod, so that it is the one an earlier machine had. */
  readonly podUid?: string
  /** Then `restart` starts it, when the Pods are there. */
  readonly isStopped?: boolean
  /** The store as the runner sees it. */
  readonly storeOf?: (objects: Objects) => Objects
}

export async function createMachine(options: MachineOptions): Promise<Machine> {
  const stateDir = options.stateDir ?? makeStateDir()
  const uids = [randomUUID(), randomUUID(), options.podUid ?? randomUUID()]
  const { findKind } = await createKinds()
  const objects = createMemoryObjects({
    kinds: findKind,
    now: () => new Date(),
    newUid: () => uids.shift() ?? randomUUID(),
  })
  const isolation = { ...(await detectIsolation()), ...options.isolation }
  const notes: EventNote[] = []
  const start = () =>
    createPodRunner({
      objects: options.storeOf?.(objects) ?? objects,
      nodeName: 'machine',
      stateDir,
      images: images(options.fork),
      isolation,
      ...(options.uids && { uids: options.uids }),
      volumes: claimFoldersIn(join(stateDir, 'volumes')),
      tasks: options.tasks ?? { run: async () => ({ exitCode: 0 }) },
      firewall: noFirewall('not in this test'),
      events: {
        record: async (_, note) => {
          notes.push(note)
        },
        expire: async () => {},
      },
      loopback: loopbackOf(options.octet),
      clock: systemClock,
      random: Math.random,
      log: silent,
    })
  const create = (object: object) =>
    objects.create(
      { apiVersion: 'v1', kind: '', metadata: { name: '' }, ...object },
      { fieldManager: 'test' },
    )

  const machine: Machine = {
    objects,
    stateDir,
    isolation,
    notes,
    runner: options.isStopped ? stopped : start(),
    restart() {
      machine.runner = start()
    },
    create,
    createPod: (spec, namespace = 'one') =>
      create({
        kind: 'Pod',
        metadata: { name: `pod-${randomUUID().slice(0, 8)}`, namespace },
        spec: { terminationGracePeriodSeconds: 5, ...spec },
      }),
    until: (pod, condition) => untilPod(objects, pod, condition),
    async untilGone(pod) {
      await untilPod(objects, pod, () => false)
    },
    logOf: (pod, container = 'main') =>
      readFileSync(
        join(stateDir, 'pods', pod.metadata.uid ?? '', 'logs', container, '0.log'),
        'utf8',
      ),
    async close() {
      await machine.runner.stop({ keepPods: false })
      for (const { containers } of readJournals(join(stateDir, 'pods'))) {
        for (const { run } of Object.values(containers)) if (run) await killAll(run)
      }
      await objects.close()
      rmSync(stateDir, { recursive: true, force: true })
    },
  }
  await create({ kind: 'Namespace', metadata: annotated('one', 30_001) })
  await create({ kind: 'Namespace', metadata: annotated('two', 30_002) })
  return machine
}

const stopped: PodRunner = {
  ready: Promise.resolve(),
  openLog: () => Promise.reject(new Error('not started')),
  use: () => Promise.reject(new Error('not started')),
  runningPods: () => 0,
  memory: async () => [],
  stop: async () => {},
}

export function makeStateDir(): string {
  const stateDir = mkdtempSync(join(tmpdir(), 'pulse-pods-'))
  chmodSync(stateDir, 0o711)
  return stateDir
}

function annotated(name: string, uid: number) {
  return { name, annotations: { 'planapulse.com/uid': String(uid) } }
}

/** By watching, never by asking again; the last state when the Pod goes. */
async function untilPod(
  objects: Objects,
  pod: KubeObject,
  condition: (pod: KubeObject) => boolean,
): Promise<KubeObject> {
  const { namespace, name, uid } = pod.metadata
  const query = { apiVersion: 'v1', kind: 'Pod', ...(namespace && { namespace }) }
  const { items, resourceVersion } = await objects.list(query)
  let last = items.find(({ metadata }) => metadata.uid === uid)
  if (!last || condition(last)) return last ?? pod
  const signal = AbortSignal.timeout(30_000)
  for await (const { type, object } of objects.watch({ ...query, resourceVersion, signal })) {
    if (object.metadata.name !== name) continue
    last = object
    if (type === 'DELETED' || condition(object)) return object
  }
  throw new Error(`waited in vain; the Pod stands at ${JSON.stringify(last?.status, undefined, 1)}`)
}

export function phase(pod: KubeObject): unknown {
  return recordOf(pod.status).phase
}

export function conditionOf(pod: KubeObject, type: string) {
  return listOf(recordOf(pod.status).conditions).find((condition) => condition.type === type)
}

export function isReady(pod: KubeObject): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True'
}

export function statusOf(pod: KubeObject, container = 'main') {
  const { containerStatuses, initContainerStatuses } = recordOf(pod.status)
  const all = [...listOf(initContainerStatuses), ...listOf(containerStatuses)]
  return recordOf(all.find(({ name }) => name === container))
}

export function stateOf(pod: KubeObject, container = 'main') {
  return recordOf(statusOf(pod, container).state)
}

export function podIP(pod: KubeObject): string {
  return String(recordOf(pod.status).podIP)
}

/** Folders of pods that are still there. */
export function podFolders({ stateDir }: Machine): string[] {
  const folder = join(stateDir, 'pods')
  return existsSync(folder) ? readdirSync(folder) : []
}

/** Living processes whose command line holds this argument. */
export function processesWith(argument: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((pid) => isRunning(pid) && commandOf(pid).includes(argument))
}

export function isRunning(pid: number): boolean {
  const stat = statOf(pid)
  return stat !== undefined && !stat.hasEnded
}

function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}
