import type { Life, LifeEffect, LifeEvent } from '../life.ts'
import { stepLife } from '../life.ts'
import { type LifeRules, lifeRules } from '../rules.ts'
import { type Rules, type ShellRules, soundRules } from './rules.suite.ts'

/** One rule broken on purpose. */
export interface Mutation {
  readonly that: string
  readonly breaks: readonly string[]
  readonly rules: Rules
  /** The story in whose worlds it must be noticed. */
  readonly noticedIn: Noticing
}

type Noticing =
  | 'a request'
  | 'users who show themselves'
  | 'a client that leaves'
  | 'a wake for schedules, and a user who comes meanwhile'
  | 'a wake for schedules that keep it awake'
  | 'one that is kept awake while a user shows himself'
  | 'an order to sleep while a user shows himself'
  | 'an order to sleep, and a request'
  | 'a process that fails, and a request'
  | 'out of service and back'
  | 'out of service while a user shows himself'
  | 'out of service, and a request to one that sleeps'
  | 'a gateway that starts anew while its users go on'

/** What a step does of itself, beside the rules that it is given. */
export const stepParts = ['answers', 'activity', 'troubles', 'objections'] as const

export const life = (that: string, broken: Partial<LifeRules>, noticedIn: Noticing): Mutation => ({
  that,
  breaks: Object.keys(broken),
  rules: { ...soundRules, life: { ...lifeRules, ...broken } },
  noticedIn,
})

export const shell = (
  that: string,
  broken: Partial<ShellRules>,
  noticedIn: Noticing,
): Mutation => ({
  that,
  breaks: Object.keys(broken),
  rules: { ...soundRules, shell: { ...soundRules.shell, ...broken } },
  noticedIn,
})

/** Events that are not heard as they are. */
export const deaf = (
  part: (typeof stepParts)[number],
  that: string,
  {
    hear,
    noticedIn,
  }: { readonly hear: (event: LifeEvent) => LifeEvent | undefined; readonly noticedIn: Noticing },
): Mutation => ({
  that,
  breaks: [part],
  rules: {
    ...soundRules,
    step(before, event, context, rules) {
      const heard = hear(event)
      return heard === undefined
        ? { life: before, effects: [] }
        : stepLife(before, heard, context, rules)
    },
  },
  noticedIn,
})

/** Effects that are not as they should be. */
export const clumsy = (
  part: (typeof stepParts)[number],
  that: string,
  {
    act,
    noticedIn,
  }: {
    readonly act: (effect: LifeEffect, before: Life) => LifeEffect | undefined
    readonly noticedIn: Noticing
  },
): Mutation => ({
  that,
  breaks: [part],
  rules: {
    ...soundRules,
    step(before, event, context, rules) {
      const step = stepLife(before, event, context, rules)
      const effects = step.effects.flatMap((effect) => act(effect, before) ?? [])
      const write = effects.find(({ type }) => type === 'write')
      const writing = write?.type === 'write' ? write.next : step.life.writing
      return { life: { ...step.life, writing }, effects }
    },
  },
  noticedIn,
})

/** A step that takes the life for another one, of those who come. */
export const blind = (that: string, seenAs: Partial<Life>, noticedIn: Noticing): Mutation => ({
  that,
  breaks: ['answers'],
  rules: {
    ...soundRules,
    step(before, event, context, rules) {
      if (event.type !== 'arrived' && event.type !== 'released') {
        return stepLife(before, event, context, rules)
      }
      const step = stepLife({ ...before, ...seenAs }, event, context, rules)
      const { service, failedUntil } = before
      return { ...step, life: { ...step.life, service, failedUntil } }
    },
  },
  noticedIn,
})
