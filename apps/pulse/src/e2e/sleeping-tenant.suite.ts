import { apiVersion, type KubeObject } from '@pulse/api'
import type { ObjectsClient } from '@pulse/engine'
import type { Visitor } from '@pulse/testing'
import { expect, vi } from 'vitest'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import { createTenant, type Tenant, visit } from './tenant.suite.ts'

/** A busy machine takes its time to start a process, or to end one. */
export const patience = { timeout: 120_000, interval: 50 }

/** An instance on a Pulse that puts to sleep from its first moment on. */
export interface SleepingTenant extends Tenant {
  readonly pulse: PulseUnderTest
  readonly objects: ObjectsClient
  /** Of its workers, those on their way out among them. */
  pods(): Promise<readonly KubeObject[]>
  /** Nothing of it runs. */
  asleep(): Promise<void>
  /** `planapulse.com/NAME` on its PLANAClient. */
  annotate(name: string, value: string): Promise<void>
  /** Orders it to sleep, and waits until it does. */
  putToSleep(): Promise<void>
  setSpec(changes: Readonly<Record<string, unknown>>): Promise<void>
  visit(): Promise<Visitor>
}

export interface SleepingTenantOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Of `pulse create`. */
  readonly flags?: readonly string[]
}

/** `acme`, on a Pulse of its own. Whoever calls sees to `pulse.cleanUp`. */
export async function startSleepingTenant({
  env = {},
  flags = [],
}: SleepingTenantOptions = {}): Promise<SleepingTenant> {
  const pulse = await startPulse({ env: { PLANA_GATEWAY_SLEEP_GRACE_SECONDS: '0.1', ...env } })
  return await createSleepingTenant(pulse, 'acme', flags)
}

/** One more on the same Pulse. */
export async function createSleepingTenant(
  pulse: PulseUnderTest,
  name: string,
  flags: readonly string[] = [],
): Promise<SleepingTenant> {
  const tenant = await createTenant(pulse, name, '--tier', 'pro', '--hosting', 'instance', ...flags)
  const objects = await pulse.objects()
  const client = { apiVersion, kind: 'PLANAClient', name }

  async function patch(changes: Readonly<Record<string, unknown>>) {
    await objects.patch(client, { type: 'merge', patch: changes }, { fieldManager: 'test' })
  }

  async function pods(): Promise<readonly KubeObject[]> {
    const query = { apiVersion: 'v1', kind: 'Pod', namespace: `instance-${name}` }
    const { items } = await objects.list(query)
    return items.filter(({ metadata }) => metadata.name.startsWith(`odoo-${name}`))
  }

  async function asleep() {
    await vi.waitFor(async () => expect(await pods()).toEqual([]), patience)
  }

  const annotate = (what: string, value: string) =>
    patch({ metadata: { annotations: { [`planapulse.com/${what}`]: value } } })

  return {
    ...tenant,
    ...{ pulse, objects, pods, asleep, annotate },
    async putToSleep() {
      await annotate('sleep-at', new Date().toISOString())
      await asleep()
    },
    setSpec: (spec) => patch({ spec }),
    visit: () => visit(pulse, tenant.hostname),
  }
}
