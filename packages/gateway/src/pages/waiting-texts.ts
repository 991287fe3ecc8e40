import type { Language } from './texts.ts'
import type { WakePhase } from './wake-status.ts'

/** Words of the waiting page; `{n}` stands for a number. */
export interface WaitingText {
  readonly waking: { readonly title: string; readonly lead: string; readonly hint: string }
  readonly failed: { readonly title: string; readonly lead: string; readonly hint: string }
  readonly limited: { readonly title: string; readonly lead: string; readonly hint: string }
  readonly phases: Readonly<Record<WakePhase, string>>
  readonly left: { readonly one: string; readonly other: string }
  readonly late: string
  readonly attempt: string
  readonly retry: { readonly one: string; readonly other: string }
  /** Instead of many seconds. */
  readonly retryMinutes: { readonly one: string; readonly other: string }
  readonly retrying: string
  readonly reason: string
  readonly again: string
  readonly progress: string
}

export const waitingTexts: Readonly<Record<Language, WaitingText>> = {
  en: {
    waking: {
      title: 'Waking up your workspace',
      lead: 'Nobody used it for a while, so it was asleep. The page opens by itself as soon as it is ready.',
      hint: 'You can leave this page open.',
    },
    failed: {
      title: 'The workspace could not be started',
      lead: 'Nothing has been lost, and the operators of this platform have been told.',
      hint: 'The page tries again by itself. If this lasts, please contact your administrator.',
    },
    limited: {
      title: 'The workspace rests for a moment',
      lead: 'It has been woken very often in a short time.',
      hint: 'The page tries again by itself.',
    },
    phases: {
      starting: 'Starting…',
      loading: 'Loading your data…',
      almost: 'Almost ready…',
    },
    left: { one: 'about {n} second left', other: 'about {n} seconds left' },
    late: 'It takes longer than usual; still at work.',
    attempt: 'Attempt {n}.',
    retry: { one: 'Next attempt in {n} second.', other: 'Next attempt in {n} seconds.' },
    retryMinutes: { one: 'Next attempt in {n} minute.', other: 'Next attempt in {n} minutes.' },
    retrying: 'It is being tried again.',
    reason: 'Reason',
    again: 'Try again',
    progress: 'Progress',
  },
  bg: {
    waking: {
      title: 'Работното пространство се събужда',
      lead: 'Известно време никой не го е ползвал и то беше заспало. Страницата ще се отвори сама, щом е готово.',
      hint: 'Можете да оставите страницата отворена.',
    },
    failed: {
      title: 'Работното пространство не можа да се стартира',
      lead: 'Нищо не е загубено, а операторите на платформата са уведомени.',
      hint: 'Страницата опитва отново сама. Ако това продължи, обърнете се към вашия администратор.',
    },
    limited: {
      title: 'Работното пространство си почива за момент',
      lead: 'За кратко време беше събуждано много пъти.',
      hint: 'Страницата опитва отново сама.',
    },
    phases: {
      starting: 'Стартиране…',
      loading: 'Зареждане на данните…',
      almost: 'Почти готово…',
    },
    left: { one: 'остава около {n} секунда', other: 'остават около {n} секунди' },
    late: 'Отнема повече време от обичайното; работата продължава.',
    attempt: 'Опит {n}.',
    retry: { one: 'Следващ опит след {n} секунда.', other: 'Следващ опит след {n} секунди.' },
    retryMinutes: { one: 'Следващ опит след {n} минута.', other: 'Следващ опит след {n} минути.' },
    retrying: 'В момента се опитва отново.',
    reason: 'Причина',
    again: 'Опитайте отново',
    progress: 'Напредък',
  },
}

/** A text with its number in place. */
export function counted(text: { readonly one: string; readonly other: string }, n: number): string {
  return (n === 1 ? text.one : text.other).replace('{n}', String(n))
}

/** When it is tried again, in a unit that people would use. */
export function retryIn({ retry, retryMinutes }: WaitingText, milliseconds: number): string {
  return milliseconds > 120_000
    ? counted(retryMinutes, Math.ceil(milliseconds / 60_000))
    : counted(retry, Math.max(1, Math.ceil(milliseconds / 1_000)))
}
