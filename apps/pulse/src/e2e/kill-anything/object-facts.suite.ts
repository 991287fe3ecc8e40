import { createHash } from 'node:crypto'
import { isRecord, type KubeObject, listAt, recordOf } from '@pulse/api'

/** Moments, figures and who was when the leader: true in each run, and another one each time. */
const passing = ['Event', 'Lease', 'Node', 'EndpointSlice']

/** A line for each object: its place, what holds and owns it, what it says of itself, and whether its spec is the same. */
export function objectFacts(objects: readonly KubeObject[]): readonly string[] {
  const finished = new Set(objects.filter(isKeptForItsLog).map(({ metadata }) => metadata.uid))
  const names = new Map(
    objects.map(({ kind, metadata }) => [metadata.uid, `${kind} ${metadata.name}`]),
  )
  const isOfFinished = ({ metadata }: KubeObject) =>
    (metadata.ownerReferences ?? []).some(({ uid }) => finished.has(uid))
  return objects
    .filter(({ kind, metadata }) => !passing.includes(kind) && !finished.has(metadata.uid))
    .filter((object) => !(object.kind === 'Pod' && isOfFinished(object)))
    .map((object) => {
      const { kind, metadata } = object
      const owners = (metadata.ownerReferences ?? []).map(
        ({ uid, kind, name }) => names.get(uid) ?? `missing ${kind} ${name}`,
      )
      const parts = [
        `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
        metadata.deletionTimestamp === undefined ? '' : 'deleting',
        `owners ${owners.join(' ')}`,
        `finalizers ${(metadata.finalizers ?? []).toSorted().join(' ')}`,
        `conditions ${conditionsOf(object).join(' ')}`,
        contentOf(object),
      ]
      return stableNames(object, `object: ${parts.join(', ')}`)
    })
}

/** Jobs that nothing composes stay a while after their end, and the last ones of what comes at set times. */
export function isKeptForItsLog(object: KubeObject): boolean {
  if (object.kind !== 'Job') return false
  const hasEnded = conditionsOf(object).some((one) => /^(Complete|Failed)=True/.test(one))
  const isOfCronJob = object.metadata.ownerReferences?.some(({ kind }) => kind === 'CronJob')
  return hasEnded && (isOfCronJob || recordOf(object.spec).ttlSecondsAfterFinished !== undefined)
}

function conditionsOf({ status }: KubeObject): readonly string[] {
  return (
    listAt(status, 'conditions')
      .filter(isRecord)
      // Whoever starts while the process to fork from does so too is started plainly.
      .filter(({ type }) => type !== 'Forked')
      .map(({ type, status, reason }) => `${type}=${status}/${reason}`)
      .toSorted()
  )
}

/** Secrets are made anew each time: only their keys are the same. */
function contentOf(object: KubeObject): string {
  const { data, spec } = object
  if (object.kind === 'Secret') return `keys ${Object.keys(recordOf(data)).toSorted().join(' ')}`
  if (object.kind === 'ConfigMap') return `keys ${Object.keys(recordOf(data)).toSorted().join(' ')}`
  if (spec === undefined) return ''
  return `spec ${createHash('sha256').update(plain(spec)).digest('hex').slice(0, 6)}`
}

function plain(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    isRecord(inner) ? Object.fromEntries(Object.entries(inner).toSorted(byKey)) : inner,
  )
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
    .replace(/\bkx[0-9a-z]{6}\b/g, 'NAME')
    .replace(/\b[0-9a-f]{8,64}\b/g, 'HASH')
}

function byKey([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : 1
}

/** Pods and ReplicaSets have parts of their names made up. */
function stableNames({ kind, metadata }: KubeObject, line: string): string {
  const hash = metadata.labels?.['pod-template-hash']
  const plain = hash === undefined ? line : line.replaceAll(hash, 'HASH')
  if (kind !== 'Pod') return plain
  return plain.replaceAll(metadata.name.slice(metadata.name.lastIndexOf('-') + 1), 'ANY')
}
