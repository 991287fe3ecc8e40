import { type Cause, invalid, required } from '../cause.ts'
import { parseCronTimes } from '../cron-syntax.ts'
import { fieldColumn } from '../field-column.ts'
import type { PrintColumn } from '../kind.ts'
import type { KubeObject } from '../object.ts'
import { listAt, sameValue, textAt, valueAt } from '../record.ts'
import { isTimeZone } from '../time-zone.ts'
import type { BuiltInKind } from './built-in-kind.ts'
import { cronDefaults, jobSpecCauses, notNegativeCauses } from './job-rules.ts'
import { specDefaults } from './pod-defaults.ts'
import { podSpecLists } from './pod-lists.ts'
import { templateColumns } from './template-columns.ts'

const podSpec = 'spec.jobTemplate.spec.template.spec'

/** Jobs at set times; columns and rules as in Kubernetes' `pkg/printers` and `pkg/apis/batch/validation`. */
export const cronJobKind: BuiltInKind = {
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  shortNames: ['cj'],
  categories: ['all'],
  description: 'Jobs at set times.',
  hasStatus: true,
  columns: [
    fieldColumn({ name: 'Schedule', path: 'spec.schedule', description: 'When, as in cron.' }),
    orNone('Timezone', 'spec.timeZone', 'Zone of the times.'),
    {
      name: 'Suspend',
      type: 'string',
      description: 'Whether it rests.',
      priority: 0,
      cell: (cron) => (valueAt(cron, 'spec.suspend') === true ? 'True' : 'False'),
    },
    {
      name: 'Active',
      type: 'integer',
      description: 'Jobs that run now.',
      priority: 0,
      cell: (cron) => listAt(cron, 'status.active').length,
    },
    fieldColumn({
      name: 'Last Schedule',
      path: 'status.lastScheduleTime',
      type: 'date',
      description: 'Time since the last job.',
    }),
  ],
  wideColumns: [
    ...templateColumns(podSpec),
    {
      name: 'Selector',
      type: 'string',
      description: 'Always none: the labels of its pods are those of its jobs.',
      priority: 1,
      cell: () => '<none>',
    },
  ],
  setDefaults: (object) => specDefaults(object, cronDefaults),
  // One that was stored before these rules can still be changed in everything else, and deleted.
  rules: (cron, old) => (sameValue(cron.spec, old?.spec) ? [] : specCauses(cron, old)),
  lists: podSpecLists(podSpec),
}

function specCauses(cron: KubeObject, old: KubeObject | undefined): readonly Cause[] {
  return [
    ...(old === undefined ? nameCauses(cron) : []),
    ...scheduleCauses(cron),
    ...timeZoneCauses(cron),
    ...notNegativeCauses(cron, [
      'spec.startingDeadlineSeconds',
      'spec.successfulJobsHistoryLimit',
      'spec.failedJobsHistoryLimit',
    ]),
    ...jobSpecCauses(cron, 'spec.jobTemplate.spec'),
  ]
}

/** Its jobs are named after it, with eleven characters more. */
const longestName = 52

function nameCauses({ metadata }: KubeObject): readonly Cause[] {
  if (typeof metadata?.name !== 'string' || metadata.name.length <= longestName) return []
  return [invalid('metadata.name', `must be no more than ${longestName} characters`)]
}

function scheduleCauses(cron: KubeObject): readonly Cause[] {
  const field = 'spec.schedule'
  const schedule = textAt(cron, field)
  if (schedule === undefined) return []
  if (schedule === '') return [required(field)]
  if (schedule.includes('TZ')) {
    return [invalid(field, 'cannot use TZ or CRON_TZ in schedule, use spec.timeZone instead')]
  }
  const times = parseCronTimes(schedule)
  return times.type === 'broken' ? [invalid(field, times.rule)] : []
}

function timeZoneCauses(cron: KubeObject): readonly Cause[] {
  const field = 'spec.timeZone'
  const zone = textAt(cron, field)
  if (zone === undefined || isTimeZone(zone)) return []
  return [invalid(field, 'must be a time zone of the IANA database, such as Europe/Sofia')]
}

function orNone(name: string, path: string, description: string): PrintColumn {
  const cell = (object: KubeObject) => textAt(object, path) ?? '<none>'
  return { name, type: 'string', description, priority: 0, cell }
}
