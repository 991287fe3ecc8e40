import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { KubeObject } from '@pulse/api'
import { limitsOf } from './cgroup-limits.ts'
import { ConfigError } from './config-error.ts'
import type { Image, RunnerContext } from './context.ts'
import { makeEnvironment } from './environment.ts'
import { expand } from './expand.ts'
import type { Run } from './journal.ts'
import { systemPath } from './launch.ts'
import { launchRun } from './launch-run.ts'
import { createLogFile, logFile } from './log-file.ts'
import { planMounts } from './mount-plan.ts'
import type { Bind, MountPlan } from './mount-script.ts'
import type { Container, Pod } from './pod.ts'
import type { PodRecord } from './pod-journal.ts'
import type { Exit } from './run-process.ts'
import { makeSources, type Sources, sourcesOf } from './sources.ts'
import { inStep } from './steps.ts'
import { makeHome, userOf } from './users.ts'
import { prepareVolumes } from './volumes.ts'

/** A run in progress, whatever carries it out. */
export interface LiveRun {
  readonly run: Run
  readonly exited: Promise<Exit>
  /** Ends a task; a process is ended by signals. */
  readonly cancel: () => void
}

export interface StartInput {
  readonly context: RunnerContext
  readonly pod: Pod
  readonly container: Container
  readonly record: PodRecord
  readonly folder: string
}

/** Starts a container once. A `ConfigError` says what it waits for. */
export async function startContainer(input: StartInput): Promise<LiveRun> {
  const { context, pod, container, record } = input
  const image = mustResolve(input)
  const sources = await readSources(context, pod, container)
  const user = await userOf(context, pod)
  if (image.type === 'task-runner') return startTask(input, sources)

  const { address } = record.journal()
  // Somebody waits: the rules are written while the volumes are prepared.
  const [placed] = await Promise.all([
    placeVolumes(input, sources, user),
    user === undefined ? undefined : context.firewall.admit({ user, address }),
  ])
  const { variables, invalidNames } = makeEnvironment({
    pod,
    container,
    sources,
    podIP: address,
    capacity: context.capacity,
    base: { PATH: systemPath, ...identityOf(input, user), ...image.env },
    overrides: placed.overrides,
  })
  if (invalidNames.length > 0) {
    const message = `left out, as no shell can carry their names: ${invalidNames.join(', ')}`
    const reason = 'InvalidEnvironmentVariableNames'
    void context.events.record(pod.object, { type: 'Warning', reason, message })
  }
  const entrypoint = container.command.length > 0 ? container.command : image.command
  const cgroups = context.isolation.cgroups.prepare(
    `${pod.uid}-${container.name}`,
    limitsOf(container),
  )
  const run = makeRun('process', context, { cgroups, user })
  const plan = {
    cgroups,
    mounts: placed.plan,
    user,
    workingDir: container.workingDir,
    variables,
    command: [...entrypoint, ...container.args].map((text) => expand(text, variables)),
  }
  // A server forks what it has loaded, which another entrypoint would not be.
  const fork = container.command.length > 0 ? undefined : image.fork
  return launchRun(input, run, { plan, fork })
}

async function startTask(input: StartInput, sources: Sources): Promise<LiveRun> {
  const { context, pod, container, record, folder } = input
  const { variables } = makeEnvironment({
    pod,
    container,
    sources,
    podIP: record.journal().address,
    capacity: context.capacity,
    base: {},
    overrides: {},
  })
  const run = makeRun('task', context, { cgroups: [], user: undefined })
  await inStep('intend', () => record.begin(container.name, run))
  const log = logFile(folder, container.name, record.of(container.name).restarts)
  createLogFile(log)
  const ending = new AbortController()
  const args = [...container.command, ...container.args].map((text) => expand(text, variables))
  const env = Object.fromEntries(variables)
  const exited = context.tasks
    .run({ args, env, log, signal: ending.signal })
    .then(({ exitCode }): Exit => ({ code: exitCode }))
    .catch((error): Exit => {
      if (ending.signal.aborted) return { code: 143 }
      context.log.error({ err: error, pod: pod.name }, 'task runner failed')
      return 'unknown'
    })
  return { run, exited, cancel: () => ending.abort() }
}

function makeRun(
  type: Run['type'],
  { clock, bootId }: RunnerContext,
  rest: Pick<Run, 'cgroups' | 'user'>,
): Run {
  const startedAt = `${clock.now().toISOString().slice(0, 19)}Z`
  const fresh = { token: randomUUID(), isForked: false, process: undefined }
  return { ...fresh, type, bootId, startedAt, ...rest }
}

function mustResolve({ container: { image }, context: { images }, pod }: StartInput): Image {
  const known = images.resolveImage(image, pod.labels)
  if (known) return known
  const names = images.knownImages().join(', ') || 'none'
  throw new ConfigError(
    `image "${image}" is not known on this machine; known are: ${names}`,
    'ErrImagePull',
  )
}

async function readSources(context: RunnerContext, pod: Pod, container: Container) {
  const found = await Promise.all(sourcesOf(pod, container).map((ref) => context.objects.get(ref)))
  return makeSources(found.filter((object): object is KubeObject => object !== undefined))
}

interface Placed {
  readonly plan: MountPlan | undefined
  readonly overrides: Readonly<Record<string, string>>
}

/** With own mounts each volume lies at its mountPath; otherwise the container is told where it really is. */
async function placeVolumes(
  { context, pod, container, folder, record }: StartInput,
  sources: Sources,
  user: number | undefined,
): Promise<Placed> {
  const binds = await prepareVolumes({
    pod,
    container,
    sources,
    claims: context.volumes,
    folder: join(folder, 'volumes'),
    secretFolder: record.journal().secretFolder,
    user,
  })
  // In memory like the secrets; no volume's name begins with a dot.
  const mountFolder = join(record.journal().secretFolder, '.places', container.name)
  const { stateDir, isolation } = context
  const { ownMounts, ownSharedMemory } = isolation
  const { memoryBytes } = limitsOf(container)
  const places = { binds, folder: mountFolder, stateDir }
  const plan = ownMounts ? planMounts({ ...places, memoryBytes, ownSharedMemory }) : undefined
  return { plan, overrides: plan ? {} : overridesOf(container, binds) }
}

function overridesOf(container: Container, binds: readonly Bind[]): Record<string, string> {
  const entries = container.mounts.flatMap(({ name }, index) => {
    const bind = binds[index]
    const variable = `PULSE_MOUNT_${name.toUpperCase().replaceAll('-', '_')}`
    return bind ? [[variable, join(bind.source, bind.subPath)] as const] : []
  })
  return Object.fromEntries(entries.toReversed())
}

/** Programs ask for a name and a home, which a numeric user has not. */
function identityOf({ pod, folder }: StartInput, user: number | undefined) {
  const home = makeHome(join(folder, 'home'), user)
  return { USER: 'tenant', LOGNAME: 'tenant', HOME: home, HOSTNAME: pod.name }
}
