import type { Life } from './life.ts'

/** One word for what an environment is doing, for people, metrics and whoever parks something until it wakes. */
export type LifeState =
  | 'asleep'
  | 'starting'
  | 'awake'
  | 'draining'
  | 'stopping'
  | 'failed'
  | 'suspended'
  | 'disabled'

/** What it is doing by the protocol, at this moment. */
export function lifeStateOf(life: Life, now: number): LifeState {
  const { record, backend, service, failedUntil } = life
  if (service !== 'active') return service
  if (record.state === 'down' && life.writing !== undefined) return 'starting'
  if (record.state === 'down') return backend.status === 'gone' ? asleepOr(life, now) : 'stopping'
  if (record.state === 'draining') return 'draining'
  if (backend.status === 'ready') return 'awake'
  return failedUntil !== undefined && now < failedUntil ? 'failed' : 'starting'
}

/** Asleep, but the next start has to wait: whoever comes is told that it failed. */
function asleepOr({ failedUntil }: Life, now: number): LifeState {
  return failedUntil !== undefined && now < failedUntil ? 'failed' : 'asleep'
}
