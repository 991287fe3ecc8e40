import { createHmac } from 'node:crypto'
import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { backendSecret, type KubeObject, recordOf, textAt } from '@pulse/api'
import type { ObjectsClient } from '@pulse/engine'

/** Numbered requests to a tenant's own address, one after the other, that its log tells one by one. */
export interface DirectLoad {
  /** Status of each answer, or why there was none, in order: the first has the number 0. */
  readonly answers: readonly (number | string)[]
  stop(): Promise<void>
}

/** The running worker of a namespace, and by what it is asked as the gateway asks it. */
export interface Worker {
  readonly pod: KubeObject
  readonly address: string
  readonly host: string
  readonly identity: string
}

export async function workerOf(objects: ObjectsClient, name: string): Promise<Worker> {
  const namespace = `instance-${name}`
  const { items } = await objects.list({ apiVersion: 'v1', kind: 'Pod', namespace })
  const [pod] = items
  const secret = await objects.get({
    apiVersion: 'v1',
    kind: 'Secret',
    namespace,
    name: backendSecret.name,
  })
  if (pod === undefined || secret === undefined) throw new Error(`${name} has no worker`)
  const encoded = String(recordOf(secret.data)[backendSecret.key])
  const key = Buffer.from(Buffer.from(encoded, 'base64').toString().trim(), 'hex')
  const id = `${name}-prod.${pod.metadata.uid}`
  return {
    pod,
    address: textAt(pod, 'status.podIP') ?? '',
    host: `${name}.localhost`,
    identity: `${id}.${createHmac('sha256', key).update(id).digest('hex')}`,
  }
}

/** Goes on until it is stopped, whatever comes back. */
export function loadDirectly(worker: Worker): DirectLoad {
  const answers: (number | string)[] = []
  let isOver = false
  const work = async () => {
    while (!isOver) {
      answers.push(await ask(worker, `/web/login?load=${answers.length}`))
      await delay(5)
    }
  }
  const done = work()
  return {
    answers,
    stop: async () => {
      isOver = true
      await done
    },
  }
}

function ask({ address, host, identity }: Worker, path: string): Promise<number | string> {
  const { promise, resolve } = Promise.withResolvers<number | string>()
  const headers = { Host: host, 'X-Pulse-Backend': identity }
  const signal = AbortSignal.timeout(30_000)
  request({ host: address, port: 8069, path, headers, agent: false, signal })
    .once('response', (incoming) => {
      incoming.resume().once('end', () => resolve(incoming.statusCode ?? 0))
    })
    .once('error', (error) => resolve(error.message))
    .end()
  return promise
}
