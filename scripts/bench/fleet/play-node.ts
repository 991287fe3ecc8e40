import { backendSecret, type KubeObject, recordOf, textAt } from '@pulse/api'
import { type Controller, isDeleting, type Objects } from '@pulse/engine'

const manager = { fieldManager: 'bench-node', force: true } as const

/** The node of a machine without processes: claims succeed at once, workers are ready as soon as they are made. */
export function playNode(objects: Objects): Controller {
  return {
    name: 'bench-node',
    primary: { apiVersion: 'v1', kind: 'Pod' },
    watches: [],
    async reconcile(pod) {
      if (isDeleting(pod) || textAt(pod, 'status.phase') !== 'Pending') return undefined
      const args = argsOf(pod)
      if (args.get('task') === 'claim') await fillResults(objects, args)
      const { apiVersion, kind, metadata } = pod
      const { name, namespace = '' } = metadata
      const status = args.has('task') ? ended : running
      await objects.apply(
        { apiVersion, kind, metadata: { name, namespace }, status },
        { ...manager, subresource: 'status' },
      )
      return undefined
    },
  }
}

const startedAt = '2026-01-01T00:00:00Z'

const ended = {
  phase: 'Succeeded',
  containerStatuses: [
    {
      ...{ name: 'task', image: 'pulse', imageID: 'pulse', ready: false, restartCount: 0 },
      state: { terminated: { exitCode: 0, reason: 'Completed', finishedAt: startedAt } },
    },
  ],
}

const running = {
  phase: 'Running',
  podIP: '127.64.1.1',
  conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: startedAt }],
  containerStatuses: [
    {
      ...{ name: 'odoo', image: 'base-18', imageID: 'base-18', ready: true, restartCount: 0 },
      state: { running: { startedAt } },
    },
  ],
}

/** As the claim leaves them: the same keys, values of the same length. */
async function fillResults(objects: Objects, args: ReadonlyMap<string, string>) {
  const namespace = args.get('namespace') ?? ''
  const fill = (kind: string, name: string, data: Readonly<Record<string, string>>) =>
    objects.apply({ apiVersion: 'v1', kind, metadata: { name, namespace }, data }, manager)
  const secret = (name: string, values: Readonly<Record<string, string>>) =>
    fill('Secret', name, Object.fromEntries(Object.entries(values).map(([k, v]) => [k, btoa(v)])))
  await secret(args.get('credentials-secret') ?? '', {
    login: args.get('owner-email') ?? '',
    password: 'x'.repeat(24),
  })
  await secret(backendSecret.name, { [backendSecret.key]: 'ab'.repeat(32) })
  await secret(args.get('database-secret') ?? '', {
    PGHOST: args.get('postgres-host') ?? '',
    PGPORT: args.get('postgres-port') ?? '',
    PGUSER: args.get('role') ?? '',
    PGPASSWORD: 'x'.repeat(32),
  })
  await fill('ConfigMap', args.get('facts') ?? '', {
    database: args.get('database') ?? '',
    databaseUuid: crypto.randomUUID(),
    odooVersion: '18.0',
    origin: 'standby',
  })
}

/** `task` is what comes after `pulse task`. */
function argsOf({ spec }: KubeObject): ReadonlyMap<string, string> {
  const { containers } = recordOf(spec)
  const { args } = recordOf(Array.isArray(containers) ? containers[0] : undefined)
  const words = Array.isArray(args) ? args.map(String) : []
  const flags = words.flatMap((word): [string, string][] => {
    const [, name, value = ''] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? []
    return name === undefined ? [] : [[name, value]]
  })
  return new Map([...(words[0] === 'task' ? [['task', words[1] ?? ''] as const] : []), ...flags])
}
