import { type Cause, forbidden } from '../cause.ts'
import type { KubeObject } from '../object.ts'
import { isRecord, recordAt, sameValue, type UnknownRecord } from '../record.ts'

/** Of a pod's spec only images, the deadline and tolerations change; its node is given once. */
export function podRules(pod: KubeObject, old: KubeObject | undefined): readonly Cause[] {
  const after = recordAt(pod, 'spec')
  const before = recordAt(old, 'spec')
  if (after === undefined || before === undefined) return []
  const bound = before.nodeName === undefined ? { nodeName: after.nodeName } : {}
  return sameValue(fixed(after), fixed({ ...before, ...bound }))
    ? []
    : [
        forbidden(
          'spec',
          'is immutable, except containers[*].image, activeDeadlineSeconds and tolerations',
        ),
      ]
}

function fixed(spec: UnknownRecord): UnknownRecord {
  const { activeDeadlineSeconds, tolerations, schedulingGates, ...rest } = spec
  return {
    ...rest,
    containers: withoutImages(rest.containers),
    initContainers: withoutImages(rest.initContainers),
    nodeName: rest.nodeName,
  }
}

function withoutImages(containers: unknown): unknown {
  if (!Array.isArray(containers)) return containers
  return containers.map((container: unknown) =>
    isRecord(container) ? { ...container, image: '' } : container,
  )
}
