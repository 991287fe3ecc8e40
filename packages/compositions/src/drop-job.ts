import { environmentNames, jobName, type KubeObject, type TenantEnvironment } from '@pulse/api'
import { retainDaysAnnotation } from './client.ts'
import { contentHash } from './content-hash.ts'
import { platformLabels } from './labels.ts'
import { makeTaskJob } from './make-task-job.ts'
import type { Parameters } from './parameters.ts'
import { taskArgs } from './task-args.ts'
import { filestoreClaim } from './tenancy.ts'

/** Kept when the annotation is missing or unreadable: longer is the safe side. */
const defaultRetainDays = 7

/**
 * The Job that takes an environment's data out of reach. It is of this very environment (its uid), so that the same
 * name, created and deleted again, gets a Job of its own.
 */
export function makeDropJob(
  { metadata, spec }: TenantEnvironment,
  attempt: number,
  parameters: Parameters,
): KubeObject {
  const names = environmentNames(spec, parameters.domains)
  const { uid = '' } = metadata
  const retry = attempt === 0 ? '' : `-r${attempt}`
  return makeTaskJob({
    name: jobName('drop', names.label, `${contentHash(uid)}${retry}`),
    labels: platformLabels('task'),
    args: taskArgs.drop({
      environment: metadata.name,
      environmentUid: uid,
      hosting: spec.hosting,
      database: names.database,
      role: names.role,
      filestoreClaim: filestoreClaim(names),
      retainDays: retainDaysOf(metadata.annotations?.[retainDaysAnnotation]),
    }),
    parameters,
  })
}

function retainDaysOf(text: string | undefined): number {
  const days = Number(text)
  return text !== undefined && Number.isInteger(days) && days >= 0 ? days : defaultRetainDays
}
