import { randomUUID } from 'node:crypto'
import { createKinds, type KindRegistry, type KubeObject, type Log } from '@pulse/api'
import type { Objects, Store } from '../objects.ts'
import { createMemoryObjects } from '../store/memory.ts'
import { tokenAuthentication } from './authentication.ts'
import type { OpenLog } from './call.ts'
import { createFace } from './face.ts'

export const testToken = 'a-token-for-tests'
export const manager = { fieldManager: 'test' }

export interface RunningFace {
  readonly url: string
  readonly objects: Objects
  /** What was logged as an error: a test that expects none says so. */
  readonly errors: unknown[]
  /** Lines about requests, of level info. */
  readonly lines: unknown[]
  close(): Promise<void>
}

export interface FaceOptions {
  readonly tls?: { readonly key: string; readonly cert: string }
  readonly openLog?: OpenLog
  /** Before a store that others use as well, and close; else one of its own in memory. */
  readonly objects?: Objects
  /** In front of the store, to break it. */
  readonly wrap?: (objects: Objects) => Objects
  readonly now?: () => Date
  /** Instead of the one in memory. */
  readonly openStore?: (kinds: KindRegistry, log: Log) => Promise<Store>
  readonly podUse?: Parameters<typeof createFace>[0]['podUse']
  readonly checks?: Parameters<typeof createFace>[0]['checks']
}

/** The face with the real registry before a store, in memory if nothing is said, that has the namespace `default`. */
export async function startFace(options: FaceOptions = {}): Promise<RunningFace> {
  const { tls, openLog = async () => logLines([]), wrap, now = () => new Date() } = options
  const kinds = await createKinds()
  const errors: unknown[] = []
  const lines: unknown[] = []
  const log = errorLog(errors, lines)
  const objects =
    options.objects ??
    (await options.openStore?.(kinds, log)) ??
    createMemoryObjects({ kinds: kinds.findKind, now, newUid: randomUUID })
  await objects.create(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } },
    manager,
  )
  const face = createFace({
    objects: wrap?.(objects) ?? objects,
    kinds,
    ...(tls && { tls }),
    authenticate: tokenAuthentication([{ token: testToken, user: { name: 'admin' } }]),
    openLog,
    ...(options.podUse && { podUse: options.podUse }),
    ...(options.checks && { checks: options.checks }),
    version: '0.0.0',
    log,
    now,
  })
  const { port } = await face.listen({ host: '127.0.0.1', port: 0 })
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    objects,
    errors,
    lines,
    async close() {
      await face.close()
      if (!options.objects) await objects.close()
    },
  }
}

function errorLog(errors: unknown[], lines: unknown[]): Log {
  const log: Log = {
    debug() {},
    info: (facts) => lines.push(facts),
    warn() {},
    error: (facts) => errors.push(facts),
    child: () => log,
  }
  return log
}

export async function* logLines(lines: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const line of lines) yield Buffer.from(`${line}\n`)
}

export function client(name: string, spec: Record<string, unknown> = {}): KubeObject {
  return {
    apiVersion: 'planapulse.com/v1alpha1',
    kind: 'PLANAClient',
    metadata: { name },
    spec: {
      subdomain: name,
      projectId: 1,
      tier: 'pro',
      ownerEmail: `owner@${name}.example`,
      ownerName: 'Ada',
      ...spec,
    },
  }
}

export function configMap(name: string, data: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data }
}

export function deployment(
  name: string,
  containers: readonly object[] = [{ name: 'odoo', image: 'base-18' }],
): KubeObject {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  }
}

/** A pod of which two containers have begun and one waits. */
export function pod(name: string): KubeObject {
  const running = { running: { startedAt: '2026-01-01T00:00:00Z' } }
  const container = (containerName: string) => ({ name: containerName, image: 'base-18' })
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { containers: [container('odoo'), container('side'), container('late')] },
    status: {
      phase: 'Running',
      containerStatuses: [
        { ...status('odoo'), state: running, restartCount: 1 },
        { ...status('side'), state: running },
        { ...status('late'), state: { waiting: { reason: 'ErrImagePull' } } },
      ],
    },
  }
}

function status(name: string) {
  return { name, image: 'base-18', imageID: '', ready: true, restartCount: 0 }
}

/** Creates an object and its status, as its controller would. */
export async function createWithStatus(objects: Objects, object: KubeObject): Promise<void> {
  await objects.create(object, manager)
  await objects.update(object, { ...manager, subresource: 'status' })
}
