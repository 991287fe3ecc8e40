import { type KubeObject, recordOf } from '@pulse/api'

export const leaseKind = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' } as const

/** What a Lease says of who holds it. Its times are texts: they are never compared with a clock of ours. */
export interface LeaseRecord {
  /** Undefined: nobody. */
  readonly holder: string | undefined
  readonly durationMs: number
  readonly acquireTime: string | undefined
  readonly renewTime: string | undefined
  /** How often it has passed from one holder to another. */
  readonly transitions: number
}

export function readLease({ spec }: KubeObject): LeaseRecord {
  const { holderIdentity, leaseDurationSeconds, acquireTime, renewTime, leaseTransitions } =
    recordOf(spec)
  return {
    holder: textOf(holderIdentity),
    durationMs: countOf(leaseDurationSeconds) * 1000,
    acquireTime: textOf(acquireTime),
    renewTime: textOf(renewTime),
    transitions: countOf(leaseTransitions),
  }
}

export function leaseSpec(record: LeaseRecord): Record<string, unknown> {
  const { holder, durationMs, acquireTime, renewTime, transitions } = record
  return {
    ...(holder !== undefined && { holderIdentity: holder }),
    ...(acquireTime !== undefined && { acquireTime }),
    ...(renewTime !== undefined && { renewTime }),
    leaseDurationSeconds: Math.ceil(durationMs / 1000),
    leaseTransitions: transitions,
  }
}

/** Kubernetes' MicroTime, which has six digits behind the point. */
export function microTime(at: Date): string {
  return `${at.toISOString().slice(0, -1)}000Z`
}

/** A Lease as it was last seen to change, by our own clock. */
export interface SeenLease extends LeaseRecord {
  readonly seenAt: number
}

/** Only a renewal or another holder is news; who wrote something else of it has not renewed it. */
export function seeLease(
  before: SeenLease | undefined,
  lease: LeaseRecord,
  now: number,
): SeenLease {
  const isNews = before?.holder !== lease.holder || before?.renewTime !== lease.renewTime
  return { ...lease, seenAt: before === undefined || isNews ? now : before.seenAt }
}

/** It was not renewed in its time, counted from when we last saw it change. */
export function isOver({ seenAt, durationMs }: SeenLease, now: number): boolean {
  return now >= seenAt + durationMs
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function countOf(value: unknown): number {
  return typeof value === 'number' && value >= 0 ? value : 0
}
