import { hasCredentials } from '../classes/request-traits.ts'
import type { Clock } from '../clock.ts'
import type { Forward } from '../decide.ts'
import type { LifeView } from '../life/life-view.ts'
import type { Lives } from '../life/lives.ts'
import type { WakeJudge, WakeVerdict } from '../limits/wake-limits.ts'
import type { Limited } from './limited.ts'
import type { Visit } from './visit.ts'

/** Why it is not woken, and when to ask again. */
export type WakeRefusal = Extract<WakeVerdict, { readonly allowed: false }>

export interface WakeDoorDeps {
  readonly lives: () => Lives
  readonly clock: Clock
  readonly judge: WakeJudge
  readonly limited: Limited
}

/** Who would wake an environment. */
export interface Waking {
  readonly environment: string
  /** None for a schedule. */
  readonly clientAddress?: string
  /** Carries a session or a login, or is a schedule. */
  readonly entitled: boolean
  /** How long it stays awake when nobody else comes, if that is less than its idle timeout. */
  readonly stayMs?: number
}

/** Asks once for each wake whether it may be; whoever comes while one is under way joins it. */
export type WakeDoor = (waking: Waking, view: LifeView) => WakeRefusal | undefined

export function createWakeDoor({ lives, clock, judge, limited }: WakeDoorDeps): WakeDoor {
  return (waking, view) => {
    const { environment, clientAddress = '', stayMs = Number.POSITIVE_INFINITY } = waking
    if (view.isWanted || (view.state !== 'asleep' && view.state !== 'stopping')) return undefined
    const { wakesPerHour, idleMs = 0 } = view.sight
    const verdict = judge.judge({
      ...waking,
      ...(wakesPerHour !== undefined && { environmentPerHour: wakesPerHour }),
    })
    if (!verdict.allowed) {
      limited.note(environment, clientAddress, verdict)
      return verdict
    }
    limited.lift(environment)
    if (verdict.extendIdleMs > 0) {
      const ownMs = Math.min(idleMs, stayMs)
      lives().keepAwake(environment, clock.now() + ownMs + verdict.extendIdleMs)
    }
    return undefined
  }
}

/** Who wakes it by this request. */
export function wakingOf({ request, client, decision, row }: Visit<Forward>): Waking {
  return {
    environment: decision.route.environment,
    clientAddress: client.address,
    entitled: hasCredentials(request.headers) || row.loginInBody === true,
  }
}
