import { type KubeObject, taskNamespace } from '@pulse/api'
import { containerSecurity } from './container-security.ts'
import type { Labels } from './labels.ts'
import type { Parameters } from './parameters.ts'

export interface TaskJob {
  readonly name: string
  readonly labels: Labels
  /** What follows `pulse`. */
  readonly args: readonly string[]
  /** How often it is tried again before somebody must look at it. Default 4. */
  readonly retries?: number | undefined
  readonly parameters: Parameters
}

/** A task ends so when trying again cannot mend it (EX_DATAERR of sysexits.h): its Job has failed at once. */
export const finalExitCode = 65

/** An hour: an installation from scratch takes a quarter of one. */
const deadlineSeconds = 3600

/**
 * A task that runs to its end. Without `ttlSecondsAfterFinished`: a Job that vanished by itself would be made again
 * before anybody had recorded that it was done.
 */
export function makeTaskJob({ name, labels, args, retries = 4, parameters }: TaskJob): KubeObject {
  const { serviceAccount, secret } = parameters.tasks
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: taskNamespace, labels },
    spec: {
      backoffLimit: retries,
      activeDeadlineSeconds: deadlineSeconds,
      podFailurePolicy: {
        rules: [
          {
            action: 'FailJob',
            onExitCodes: { containerName: 'task', operator: 'In', values: [finalExitCode] },
          },
        ],
      },
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          serviceAccountName: serviceAccount,
          containers: [
            {
              name: 'task',
              image: parameters.images.server,
              args: args.map(escapeExpansion),
              ...(secret === undefined ? {} : { envFrom: [{ secretRef: { name: secret } }] }),
              resources: {
                requests: { cpu: '100m', memory: '128Mi' },
                limits: { cpu: '2000m', memory: '1Gi' },
              },
              terminationMessagePolicy: 'FallbackToLogsOnError',
              securityContext: containerSecurity,
            },
          ],
        },
      },
    },
  }
}

/**
 * Kubernetes replaces `$(NAME)` in arguments by the container's environment, and `$$` is a plain `$`. A company
 * called `$(PGPASSWORD)` must stay just that.
 */
function escapeExpansion(argument: string): string {
  return argument.split('$').join('$$')
}
