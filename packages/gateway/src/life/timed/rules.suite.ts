import { type Life, type LifeContext, type LifeEvent, type Step, stepLife } from '../life.ts'
import type { LifeState } from '../life-state.ts'
import { type LifeRules, lifeRules } from '../rules.ts'
import { type Gateway, ticks } from './world.suite.ts'

/** What the shell around the protocol does, as far as time matters. */
export interface ShellRules {
  /** Whether one that is kept awake is left alone by those who put to sleep. */
  readonly sparesKept: boolean
  /** For how long a gateway that starts keeps awake what was up before: it does not know who uses it. */
  readonly unknownTicks: number
  /** The idle time that counts for this gateway. */
  idleTicks(gateway: Gateway): number
  /** Whether an order to sleep has nothing left to do. `isPast`: the life that it was given for has ended. */
  isCarriedOut(state: LifeState, isPast: boolean): boolean
  /** From when on a request has waited too long. */
  isLate(age: number): boolean
}

/** All that can be broken on purpose. */
export interface Rules {
  readonly life: LifeRules
  readonly shell: ShellRules
  step(life: Life, event: LifeEvent, context: LifeContext, rules: LifeRules): Step
}

export const soundRules: Rules = {
  life: lifeRules,
  step: stepLife,
  shell: {
    sparesKept: true,
    unknownTicks: ticks.idle,
    /** One that was woken from here for its schedules, and that nobody has been seen at since, sleeps soon after them. */
    idleTicks({ wokeFor, wokenAt, life: { lastActivity, record } }) {
      const isAsWoken = wokeFor === 'schedule' && record.since === wokenAt
      const isForNobody = isAsWoken && lastActivity <= record.since
      return isForNobody ? ticks.idleAfterSchedule : ticks.idle
    },
    isCarriedOut: (state, isPast) => isPast || state === 'asleep' || state === 'stopping',
    isLate: (age) => age >= ticks.deadline,
  },
}
