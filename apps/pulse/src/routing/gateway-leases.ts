import type { KubeObject, Log, ObjectRef } from '@pulse/api'
import type { Objects } from '@pulse/engine'
import type { Clock } from '@pulse/gateway'
import {
  isOver,
  leaseKind,
  leaseSpec,
  microTime,
  readLease,
  type SeenLease,
  seeLease,
} from '../leases/lease.ts'
import { untilSignal } from './until-signal.ts'

/**
 * Which gateways share this store. A sleep waits for the word of each of them; one that is silent is no longer waited
 * for when its Lease has not changed for its duration by *our* clock (clocks of machines are never compared). Nothing
 * but patience rests on this: what a silent gateway still sends is refused by the seal of its backend.
 */
export interface GatewayLeases {
  readonly members: () => readonly string[]
  note(lease: KubeObject, gone: boolean): void
  /** Makes our own Lease and renews it from then on. */
  open(): Promise<void>
  close(): Promise<void>
}

export interface GatewayLeasesOptions {
  readonly objects: Objects
  readonly namespace: string
  /** Of this gateway: a DNS label. */
  readonly name: string
  readonly durationSeconds: number
  readonly clock: Clock
  readonly log: Log
}

const labels = { 'app.kubernetes.io/name': 'gateway', 'app.kubernetes.io/managed-by': 'pulse' }
const fieldManager = 'pulse-gateway'

export function createGatewayLeases(options: GatewayLeasesOptions): GatewayLeases {
  const { objects, namespace, name, durationSeconds, clock, log } = options
  const ref = { ...leaseKind, namespace, name }
  const others = new Map<string, SeenLease>()
  let cancel = () => {}
  let isClosed = false
  let current: readonly string[] = [name]
  let countedAt = Number.NEGATIVE_INFINITY

  async function renew() {
    try {
      await inTime(() =>
        objects.apply(leaseOf(ref, durationSeconds), { fieldManager, force: true }),
      )
    } catch (error) {
      // Others stop waiting for us, and we go on: what is sealed refuses us.
      if (!isClosed) log.warn({ err: error }, 'the lease of this gateway is not renewed')
    }
  }

  /** What has not come by then is given up: a renewal that waits for ever would be the last. */
  function inTime<T>(work: () => Promise<T>): Promise<T> {
    return untilSignal(AbortSignal.timeout(durationSeconds * 1000), work)
  }

  function renewLater() {
    if (isClosed) return
    cancel = clock.after((durationSeconds * 1000) / 3, () => void renew().then(renewLater))
  }

  function count(): readonly string[] {
    const now = clock.now()
    const living = [...others].filter(([, lease]) => !isOver(lease, now))
    return [name, ...living.map(([other]) => other)]
  }

  /** Those that ended long ago without taking their Lease along. */
  async function sweep() {
    const { items } = await inTime(() => objects.list({ ...leaseKind, namespace }))
    for (const lease of items.filter((one) => isOurs(one) && isLongOver(one))) {
      const { name: over } = lease.metadata
      await inTime(() => objects.delete({ ...leaseKind, namespace, name: over }))
    }
  }

  return {
    // Asked at each step of each life: counted anew only now and then.
    members() {
      if (clock.now() - countedAt > 200) {
        countedAt = clock.now()
        current = count()
      }
      return current
    },
    note(lease, gone) {
      const other = lease.metadata.name
      if (other === name || (!gone && !isOurs(lease))) return
      countedAt = Number.NEGATIVE_INFINITY
      if (gone) return void others.delete(other)
      others.set(other, seeLease(others.get(other), readLease(lease), clock.now()))
    },
    async open() {
      await sweep().catch((error: unknown) => log.warn({ err: error }, 'old leases stay'))
      await renew()
      renewLater()
    },
    async close() {
      isClosed = true
      cancel()
      await inTime(() => objects.delete(ref)).catch(() => undefined)
    },
  }
}

function leaseOf({ namespace, name }: ObjectRef, durationSeconds: number): KubeObject {
  const spec = leaseSpec({
    holder: name,
    durationMs: durationSeconds * 1000,
    acquireTime: undefined,
    renewTime: microTime(new Date()),
    transitions: 0,
  })
  return {
    ...leaseKind,
    metadata: { name, labels, ...(namespace !== undefined && { namespace }) },
    spec,
  }
}

function isOurs({ metadata }: KubeObject): boolean {
  return metadata.labels?.['app.kubernetes.io/name'] === 'gateway'
}

const longOverMs = 3_600_000

function isLongOver(lease: KubeObject): boolean {
  return Date.parse(readLease(lease).renewTime ?? '') < Date.now() - longOverMs
}
