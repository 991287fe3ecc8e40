import { StatusError } from '@pulse/api'
import { ConfigError } from '@pulse/service'
import { exitCodes } from './exit.ts'
import { refusalWords } from './refusal-words.ts'

/** What a failed command says, and with which code it ends. */
export interface Failure {
  readonly text: string
  readonly exitCode: number
}

/** An error in words: all mistakes of a refusal, or all that led to a failure, one line each. */
export function failureOf(error: unknown): Failure {
  if (error instanceof StatusError) {
    return { text: refusalWords(error), exitCode: exitCodes.failed }
  }
  const text = error instanceof Error ? chainOf(error) : String(error)
  return { text, exitCode: error instanceof ConfigError ? exitCodes.usage : exitCodes.failed }
}

function chainOf(error: Error): string {
  const { cause, message } = error
  if (!(cause instanceof Error)) return message
  const why = chainOf(cause)
  return message.includes(why) ? message : `${message}\n  because ${why}`
}
