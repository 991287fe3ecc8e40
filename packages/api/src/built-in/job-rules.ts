import { type Cause, invalid } from '../cause.ts'
import type { KubeObject } from '../object.ts'
import { isRecord, type UnknownRecord, valueAt } from '../record.ts'
import { templateDefaults } from './pod-defaults.ts'

/** Neither given means one of each; parallelism alone means a queue, which has no number to complete. */
export function jobDefaults(spec: UnknownRecord): UnknownRecord {
  const single = spec.completions === undefined && spec.parallelism === undefined
  return {
    parallelism: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    ...(single ? { completions: 1 } : {}),
    ...spec,
  }
}

export function cronDefaults(spec: UnknownRecord): UnknownRecord {
  const { jobTemplate } = spec
  const filled =
    isRecord(jobTemplate) && isRecord(jobTemplate.spec)
      ? { jobTemplate: { ...jobTemplate, spec: templateDefaults(jobDefaults(jobTemplate.spec)) } }
      : {}
  return {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
    ...spec,
    ...filled,
  }
}

/** What a Job's spec must be, wherever it stands. */
export function jobSpecCauses(object: KubeObject, spec: string): readonly Cause[] {
  const counts = [
    'parallelism',
    'completions',
    'backoffLimit',
    'activeDeadlineSeconds',
    'ttlSecondsAfterFinished',
  ].map((name) => `${spec}.${name}`)
  return [
    ...notNegativeCauses(object, counts),
    ...restartPolicyCauses(object, `${spec}.template.spec`),
  ]
}

/** Of what is no number, the schema tells. */
export function notNegativeCauses(object: KubeObject, paths: readonly string[]): readonly Cause[] {
  return paths.flatMap((path) => {
    const value = valueAt(object, path)
    return typeof value === 'number' && value < 0 ? [invalid(path, 'must be 0 or more')] : []
  })
}

/** A pod that starts anew for ever would never end its Job. */
function restartPolicyCauses(object: KubeObject, path: string): readonly Cause[] {
  const policy = valueAt(object, `${path}.restartPolicy`)
  return policy === 'Never' || policy === 'OnFailure'
    ? []
    : [
        {
          reason: 'FieldValueNotSupported',
          field: `${path}.restartPolicy`,
          message: 'must be one of "Never", "OnFailure"',
        },
      ]
}
