import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRecord, recordOf } from '@pulse/api'
import { removeTree } from '../remove-tree.ts'
import { makeExactFolder } from './exact-folder.ts'
import { numberOf, textOf, textsOf } from './fields.ts'
import type { ProcessIdentity } from './process-table.ts'

/**
 * What outlives Pulse about a pod: `pods/{uid}/pod.json`. It is replaced whole, before a process is started and
 * after it has ended, so that whoever takes over knows what may run.
 */
export interface PodJournal {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly address: string
  /** The machine's start in which the pod was made; it may live through later ones. */
  readonly bootId: string
  readonly graceSeconds: number
  readonly secretFolder: string
  readonly containers: Readonly<Record<string, ContainerJournal>>
}

export interface ContainerJournal {
  readonly restarts: number
  /** The run that is, or may be, in progress. */
  readonly run: Run | undefined
  /** How the latest run ended. */
  readonly ended: Ended | undefined
  /** How the one before it ended. */
  readonly endedBefore: Ended | undefined
}

export interface Run {
  readonly token: string
  readonly type: 'process' | 'task'
  /** The machine's start in which it began: processes of an older one are gone. */
  readonly bootId: string
  /** RFC 3339. */
  readonly startedAt: string
  readonly cgroups: readonly string[]
  readonly user: number | undefined
  /** A copy of a process that had everything loaded: it starts in a fraction of the time. */
  readonly isForked: boolean
  /** Absent until the process has told who it is. */
  readonly process: ProcessIdentity | undefined
}

export interface Ended {
  readonly token: string
  readonly exitCode: number
  readonly reason: string
  readonly message: string
  readonly startedAt: string
  readonly finishedAt: string
}

const file = 'pod.json'

export function writeJournal(folder: string, journal: PodJournal): void {
  const draft = join(folder, `${file}.draft`)
  writeFileSync(draft, JSON.stringify(journal), { mode: 0o600 })
  renameSync(draft, join(folder, file))
}

/** The journals of all pods that were, and the folders that never got one (nothing ran there yet: they are removed). */
export function readJournals(podsFolder: string): PodJournal[] {
  makeExactFolder(podsFolder, 0o711)
  return readdirSync(podsFolder).flatMap((uid) => {
    const journal = readJournal(join(podsFolder, uid))
    if (!journal) removeTree(join(podsFolder, uid))
    return journal ?? []
  })
}

/** The journals that are there; nothing is changed. */
export function findJournals(podsFolder: string): PodJournal[] {
  return readdirSync(podsFolder).flatMap((uid) => readJournal(join(podsFolder, uid)) ?? [])
}

function readJournal(folder: string): PodJournal | undefined {
  try {
    return parseJournal(JSON.parse(readFileSync(join(folder, file), 'utf8')))
  } catch {
    return undefined
  }
}

function parseJournal(value: unknown): PodJournal | undefined {
  const fields = recordOf(value)
  const uid = textOf(fields.uid)
  const address = textOf(fields.address)
  const bootId = textOf(fields.bootId) ?? ''
  if (!uid || !address) return undefined
  return {
    uid,
    address,
    namespace: textOf(fields.namespace) ?? '',
    name: textOf(fields.name) ?? '',
    bootId,
    graceSeconds: numberOf(fields.graceSeconds) ?? 30,
    secretFolder: textOf(fields.secretFolder) ?? '',
    containers: Object.fromEntries(
      Object.entries(recordOf(fields.containers)).map(([name, item]) => [
        name,
        parseContainer(item, bootId),
      ]),
    ),
  }
}

function parseContainer(value: unknown, podBootId: string): ContainerJournal {
  const { restarts, run, ended, endedBefore } = recordOf(value)
  return {
    restarts: numberOf(restarts) ?? 0,
    run: parseRun(run, podBootId),
    ended: parseEnded(ended),
    endedBefore: parseEnded(endedBefore),
  }
}

/** Runs of before have no start of the machine of their own: it was their pod's. */
function parseRun(value: unknown, podBootId: string): Run | undefined {
  if (!isRecord(value)) return undefined
  const { pid, startTicks } = recordOf(value.process)
  const known = typeof pid === 'number' && typeof startTicks === 'number'
  return {
    token: textOf(value.token) ?? '',
    type: value.type === 'task' ? 'task' : 'process',
    bootId: textOf(value.bootId) ?? podBootId,
    startedAt: textOf(value.startedAt) ?? '',
    cgroups: textsOf(value.cgroups),
    user: numberOf(value.user),
    isForked: value.isForked === true,
    process: known ? { pid, startTicks } : undefined,
  }
}

function parseEnded(value: unknown): Ended | undefined {
  if (!isRecord(value)) return undefined
  return {
    token: textOf(value.token) ?? '',
    exitCode: numberOf(value.exitCode) ?? 137,
    reason: textOf(value.reason) ?? 'Error',
    message: textOf(value.message) ?? '',
    startedAt: textOf(value.startedAt) ?? '',
    finishedAt: textOf(value.finishedAt) ?? '',
  }
}
