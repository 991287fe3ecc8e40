import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Bell, createBell } from './bell.ts'
import { type ContainerHost, liveContainer, type Moment } from './container-life.ts'
import type { RunnerContext } from './context.ts'
import { factsOf } from './facts.ts'
import { fieldsOf, textOf } from './fields.ts'
import { createHalt } from './halt.ts'
import type { ContainerJournal, PodJournal } from './journal.ts'
import { type Container, type Pod, parsePod } from './pod.ts'
import { keepRecord, type PodRecord } from './pod-journal.ts'
import { bindPod, releasePod } from './pod-object.ts'
import type { ContainerView, PodView } from './pod-status.ts'
import { pause } from './prober.ts'
import { createStatusWriter } from './status-writer.ts'
import { inStep, publishStep } from './steps.ts'

/** One pod from its binding to its end. */
export interface PodLife {
  readonly namespace: string
  /** The Pod as it now stands in the store. */
  update(pod: Pod): void
  /** A Secret, a ConfigMap or whatever else containers wait for may have come. */
  wake(): void
  /** The processes end, the Pod stays. */
  end(graceSeconds: number): void
  /** The processes stay, also when Pulse ends. */
  leave(): void
  /** The Pod is gone from the store: nothing of it may stay. */
  vanish(): void
  /** Its container's log, or undefined when it never ran; `ended` rings when its writer may have gone. */
  logOf(container: string, previous: boolean): PodLog | undefined
  /** Resolves when nothing of the pod is left, or it was left alone as ordered. */
  readonly done: Promise<void>
}

export interface PodLog {
  readonly folder: string
  readonly restart: number
  readonly hasEnded: () => boolean
  readonly onChange: Bell['onRing']
}

const notReady: Moment = { started: false, ready: false }

/** Brings a Pod to life, or goes on with it where the journal says that it stands. */
export function createPodLife(
  context: RunnerContext,
  first: Pod,
  inherited: PodJournal | undefined,
): PodLife {
  const { clock, log } = context
  const folder = join(context.podsFolder, first.uid)
  const halt = createHalt()
  const sources = createBell()
  const changes = createBell()
  const over = new AbortController()
  const moments = new Map<string, Moment>()
  let pod = first
  let record: PodRecord | undefined
  let failure: PodView['failure']
  let isGone = false
  let startedAt = textOf(fieldsOf(first.object.status).startTime)
  const status = createStatusWriter(context, () => pod, viewNow)

  function viewNow(): PodView {
    const names = [...pod.initContainers, ...pod.containers].map(({ name }) => name)
    const known = record
    const views = names.flatMap((name) => {
      const moment = moments.get(name)
      const journal = known?.of(name)
      if (!journal || (!moment && !journal.run && !journal.ended)) return []
      return [[name, containerView(journal, moment ?? notReady)] as const]
    })
    const address = known?.journal().address
    return { address, startedAt, containers: new Map(views), failure, facts: factsOf(pod, context) }
  }

  function show(name: string, moment: Moment) {
    moments.set(name, { ...moment })
    status.touch()
    changes.ring()
  }

  function hostOf(container: Container, known: PodRecord): ContainerHost {
    return {
      context,
      pod: () => pod,
      container,
      record: known,
      folder,
      halt,
      sources,
      show: (moment) => show(container.name, moment),
    }
  }

  async function begin(): Promise<PodRecord> {
    if (inherited) {
      context.addresses.claim(inherited.address)
      return keepRecord(folder, inherited)
    }
    const address = await context.addresses.take()
    mkdirSync(folder, { recursive: true, mode: 0o711 })
    return keepRecord(folder, {
      uid: pod.uid,
      namespace: pod.namespace,
      name: pod.name,
      address,
      bootId: context.bootId,
      graceSeconds: pod.graceSeconds,
      secretFolder: join(context.secretsFolder, pod.uid),
      containers: {},
    })
  }

  async function runContainers(known: PodRecord) {
    for (const container of pod.initContainers) {
      const ended = await liveContainer(hostOf(container, known))
      if (ended?.exitCode !== 0) return
    }
    const lives = pod.containers.map((container) => liveContainer(hostOf(container, known)))
    const outcomes = await Promise.allSettled(lives)
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed) throw failed.reason
  }

  /** The whole pod may run only so long; then it has failed for good. */
  function limitTime(): () => void {
    const { activeDeadlineSeconds } = pod
    if (activeDeadlineSeconds === undefined) return () => {}
    const since = Date.parse(startedAt ?? '')
    const end = since + activeDeadlineSeconds * 1000
    return clock.after(Math.max(0, end - clock.now().getTime()), () => {
      const message = 'Pod was active on the node longer than the specified deadline'
      failure = { reason: 'DeadlineExceeded', message }
      halt.give({ type: 'end', graceSeconds: pod.graceSeconds })
    })
  }

  async function live() {
    const bound = await inStep('bind', () => bindPod(context.objects, pod.object, context.nodeName))
    if (!bound) return
    update(parsePod(bound))
    const { phase } = fieldsOf(bound.status)
    const isFinished = phase === 'Succeeded' || phase === 'Failed'
    if (isFinished && !inherited) return untilOver()
    record ??= await begin()
    startedAt ??= `${clock.now().toISOString().slice(0, 19)}Z`
    if (isFinished) {
      failure = failureOf(pod)
      halt.give({ type: 'end', graceSeconds: pod.graceSeconds })
    }
    status.touch()
    const cancelLimit = isFinished ? () => {} : limitTime()
    if (!isFinished || hasRun(record)) await runContainers(record)
    cancelLimit()
    status.touch()
    await untilOver()
  }

  function untilOver(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    over.signal.addEventListener('abort', () => resolve(), { once: true })
    if (over.signal.aborted) resolve()
    return promise
  }

  async function story() {
    for (;;) {
      try {
        await live()
        break
      } catch (error) {
        log.error({ err: error, pod: pod.name, namespace: pod.namespace }, 'pod not carried out')
        await pause(clock, 1000, halt.signal)
        if (halt.signal.aborted && !record) break
      }
    }
    await status.settled()
    if (isGone || pod.deleting) await cleanUp()
  }

  async function cleanUp() {
    if (record) {
      const { address, secretFolder } = record.journal()
      await context.firewall.dismiss(address)
      rmSync(secretFolder, { recursive: true, force: true })
      await inStep('remove', () => rmSync(folder, { recursive: true, force: true }))
      context.addresses.release(address)
    }
    await inStep('release', () => releasePod(context.objects, pod.object))
    publishStep('gone', 'end')
  }

  function update(next: Pod) {
    pod = next
    if (next.deleting) end(next.deleting.graceSeconds)
  }

  function end(graceSeconds: number) {
    halt.give({ type: 'end', graceSeconds })
    over.abort()
  }

  return {
    namespace: first.namespace,
    update,
    wake: sources.ring,
    end,
    leave() {
      halt.give({ type: 'leave' })
      over.abort()
    },
    vanish() {
      isGone = true
      end(pod.graceSeconds)
    },
    logOf(container, previous) {
      const journal = record?.of(container)
      if (!journal || (!journal.run && !journal.ended)) return undefined
      const restart = journal.restarts - (previous ? 1 : 0)
      if (restart < 0) return undefined
      const hasEnded = () =>
        previous ||
        record?.of(container).run === undefined ||
        record.of(container).restarts !== restart
      return { folder, restart, hasEnded, onChange: changes.onRing }
    },
    done: Promise.resolve().then(story),
  }
}

function containerView(journal: ContainerJournal, moment: Moment): ContainerView {
  const { run, ended, endedBefore, restarts } = journal
  const { waiting, started, ready } = moment
  if (waiting)
    return {
      state: { type: 'waiting', ...waiting },
      last: ended,
      restarts,
      started: false,
      ready: false,
    }
  if (run) {
    const { token, startedAt } = run
    return { state: { type: 'running', token, startedAt }, last: ended, restarts, started, ready }
  }
  if (ended) {
    return {
      state: { type: 'terminated', ended },
      last: endedBefore,
      restarts,
      started: false,
      ready: false,
    }
  }
  const state = { type: 'waiting', reason: 'ContainerCreating' } as const
  return { state, last: undefined, restarts, started: false, ready: false }
}

/** Why a whole pod was given up, as it was written down. */
function failureOf(pod: Pod): PodView['failure'] {
  const { reason, message } = fieldsOf(pod.object.status)
  if (typeof reason !== 'string') return undefined
  return { reason, message: textOf(message) ?? '' }
}

function hasRun(record: PodRecord): boolean {
  return Object.values(record.journal().containers).some(({ run }) => run !== undefined)
}
