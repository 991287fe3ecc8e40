import { CommandError, exitCodes } from '../exit.ts'

const name = /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/

/** Refuses a word that nothing can be called: in an address it would lead elsewhere. */
export function mustBeName(word: string): void {
  if (name.test(word)) return
  throw new CommandError(
    `"${word}" is no name: names have small letters, digits, "-" and ".", and begin and end with a letter or digit`,
    exitCodes.usage,
  )
}
