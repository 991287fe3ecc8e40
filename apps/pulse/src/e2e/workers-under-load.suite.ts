import { type KubeObject, recordOf } from '@pulse/api'
import type { ObjectsClient } from '@pulse/engine'
import { expect, onTestFinished, vi } from 'vitest'

/** A Deployment of workers. */
export interface Place {
  readonly namespace: string
  readonly name: string
}

/** A busy machine takes its time to start a process, and memory is looked at every 20 s. */
export const patience = { timeout: 120_000, interval: 50 }

export async function podsOf(
  objects: ObjectsClient,
  { namespace, name }: Place,
): Promise<readonly KubeObject[]> {
  const { items } = await objects.list({ apiVersion: 'v1', kind: 'Pod', namespace })
  return items.filter(({ metadata }) => metadata.name.startsWith(`${name}-`))
}

/** The pods once there is one only, of the newest template, and it serves. */
export async function untilSettled(
  objects: ObjectsClient,
  place: Place,
): Promise<readonly KubeObject[]> {
  return await vi.waitFor(async () => {
    const deployment = await objects.get({ apiVersion: 'apps/v1', kind: 'Deployment', ...place })
    const observedGeneration = deployment?.metadata.generation
    const one = { replicas: 1, updatedReplicas: 1, availableReplicas: 1 }
    expect(recordOf(deployment?.status)).toMatchObject({ observedGeneration, ...one })
    const pods = await podsOf(objects, place)
    expect(pods).toHaveLength(1)
    return pods
  }, patience)
}

type Ask = () => Promise<{ readonly status: number }>

/**
 * Asks in turn, at a steady rate however long an answer takes; to be ended, with the status or the error of each.
 */
export function keepAsking(
  everyMs: number,
  ...asks: readonly Ask[]
): () => Promise<readonly (number | string)[]> {
  const answers: Promise<number | string>[] = []
  const timer = setInterval(() => {
    const answer = asks[answers.length % asks.length]?.()
    if (answer) answers.push(answer.then(({ status }) => status, String))
  }, everyMs)
  const end = () => clearInterval(timer)
  onTestFinished(end)
  return () => {
    end()
    return Promise.all(answers)
  }
}
