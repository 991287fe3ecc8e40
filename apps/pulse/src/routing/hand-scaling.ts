import { type KubeObject, recordOf, sameValue } from '@pulse/api'

/** Of a Deployment labelled `instance` the gateway decides the replicas (decision 7). */
const tierLabel = 'platxa.io/tier'

/** What comes of it when somebody scales or restarts an instance by hand: the gateway goes on deciding when it runs. */
export function instanceAdvice(before: KubeObject, after: KubeObject): readonly string[] {
  if (after.kind !== 'Deployment' || after.metadata.labels?.[tierLabel] !== 'instance') return []
  const [was, is] = [replicasOf(before), replicasOf(after)]
  const isRestarted = !sameValue(recordOf(before.spec).template, recordOf(after.spec).template)
  return [
    ...(is === 0 && was !== 0 ? [sleeps] : []),
    ...(is !== 0 && was === 0 ? [wakes] : []),
    ...(is > 1 && is !== was ? [single] : []),
    ...(is === 0 && isRestarted ? [takenUp] : []),
  ]
}

const sleeps =
  'it sleeps now, and whoever visits its tenant wakes it: to keep it out of service, set spec.status of its PLANAClient to suspended'
const wakes =
  'it wakes now, and sleeps again when its tenant is idle: annotation planapulse.com/keep-awake-until of its PLANAClient keeps it awake'
const single =
  'an instance has one process: the gateway sets one replica again when it next falls asleep'
const takenUp = 'it sleeps: nothing runs that could be replaced, and its next start takes this up'

function replicasOf({ spec }: KubeObject): number {
  return Number(recordOf(spec).replicas ?? 1)
}
