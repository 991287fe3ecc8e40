import { isRecord, type KubeObject, listAt } from '@pulse/api'

/** Whether a Job has come to its end, good or bad. */
export function hasEnded({ status }: KubeObject): boolean {
  return listAt(status, 'conditions')
    .filter(isRecord)
    .some(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True')
}
