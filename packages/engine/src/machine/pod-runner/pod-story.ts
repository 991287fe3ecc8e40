import { join } from 'node:path'
import { recordOf } from '@pulse/api'
import { pause, untilAborted } from '../../pause.ts'
import { cleanUp } from './clean-up.ts'
import type { ContainerHost } from './container-host.ts'
import { liveContainer } from './container-life.ts'
import { makeExactFolder } from './exact-folder.ts'
import type { LivingPod } from './living-pod.ts'
import { type Container, type Pod, parsePod } from './pod.ts'
import { keepRecord, type PodRecord } from './pod-journal.ts'
import { bindPod } from './pod-object.ts'
import { failureOf } from './pod-view.ts'
import { inStep } from './steps.ts'

const retryMs = 1000

/** A pod from its binding to its end; `update` is told of what the store made of it. */
export async function livePod(living: LivingPod, update: (pod: Pod) => void): Promise<void> {
  const { context, halt, status } = living
  const { clock, log } = context
  for (;;) {
    try {
      await live(living, update)
      break
    } catch (error) {
      const { name, namespace } = living.pod
      log.error({ err: error, pod: name, namespace }, 'pod not carried out')
      await pause(retryMs, clock, halt.signal)
      if (halt.signal.aborted && !living.record) break
    }
  }
  await status.settled()
  if (living.isGone || living.pod.deleting) await cleanUp(living)
}

async function live(living: LivingPod, update: (pod: Pod) => void): Promise<void> {
  const { context, halt, status, inherited } = living
  const { objects, nodeName, clock } = context
  const bound = await inStep('bind', () => bindPod(objects, living.pod.object, nodeName))
  if (!bound) return
  update(parsePod(bound))
  const { phase } = recordOf(bound.status)
  const isFinished = phase === 'Succeeded' || phase === 'Failed'
  if (isFinished && !inherited) return untilAborted(living.over.signal)
  living.record ??= await begin(living)
  living.startedAt ??= `${clock.now().toISOString().slice(0, 19)}Z`
  if (isFinished) {
    living.failure = failureOf(living.pod)
    halt.give({ type: 'end', graceSeconds: living.pod.graceSeconds })
  }
  status.touch()
  const cancelLimit = isFinished ? () => {} : limitTime(living)
  if (!isFinished || hasRun(living.record)) await runContainers(living, living.record)
  cancelLimit()
  status.touch()
  await untilAborted(living.over.signal)
}

async function begin({ context, folder, inherited, pod }: LivingPod): Promise<PodRecord> {
  if (inherited) return keepRecord(folder, inherited)
  const address = await context.addresses.take()
  makeExactFolder(folder, 0o711)
  return keepRecord(folder, {
    uid: pod.uid,
    namespace: pod.namespace,
    name: pod.name,
    address,
    bootId: context.bootId,
    graceSeconds: pod.graceSeconds,
    secretFolder: secretFolderOf(context, pod),
    containers: {},
  })
}

function secretFolderOf({ secretsFolder, podsFolder }: LivingPod['context'], { uid }: Pod): string {
  return secretsFolder === podsFolder ? join(podsFolder, uid, 'secrets') : join(secretsFolder, uid)
}

async function runContainers(living: LivingPod, record: PodRecord): Promise<void> {
  const { initContainers, containers } = living.pod
  for (const container of initContainers) {
    const ended = await liveContainer(hostOf(living, record, container))
    if (ended?.exitCode !== 0) return
  }
  const lives = containers.map((container) => liveContainer(hostOf(living, record, container)))
  const outcomes = await Promise.allSettled(lives)
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed) throw failed.reason
}

function hostOf(living: LivingPod, record: PodRecord, container: Container): ContainerHost {
  const { context, folder, halt, sources, moments, status, changes } = living
  return {
    context,
    pod: () => living.pod,
    container,
    record,
    folder,
    halt,
    sources,
    show(moment) {
      moments.set(container.name, { ...moment })
      status.touch()
      changes.ring()
    },
  }
}

/** The whole pod may run only so long; then it has failed for good. */
function limitTime(living: LivingPod): () => void {
  const { context, halt, startedAt } = living
  const { activeDeadlineSeconds, graceSeconds } = living.pod
  if (activeDeadlineSeconds === undefined) return () => {}
  const end = Date.parse(startedAt ?? '') + activeDeadlineSeconds * 1000
  return context.clock.after(Math.max(0, end - context.clock.now().getTime()), () => {
    const message = 'Pod was active on the node longer than the specified deadline'
    living.failure = { reason: 'DeadlineExceeded', message }
    halt.give({ type: 'end', graceSeconds })
  })
}

function hasRun(record: PodRecord): boolean {
  return Object.values(record.journal().containers).some(({ run }) => run !== undefined)
}
