import type { Command, Option } from 'commander'

/** A command line as far as it is typed. */
export interface TypedLine {
  readonly command: Command
  /** The whole words after the command, without options. */
  readonly args: readonly string[]
  /** Values of options by their long name, `namespace`. */
  readonly options: Readonly<Record<string, string>>
  /** The word at the cursor, which may be empty. */
  readonly last: string
  /** The option whose value that word is. */
  readonly awaits?: string
}

/** Reads what is typed so far; the last word is unfinished. */
export function readTypedLine(program: Command, words: readonly string[]): TypedLine {
  const last = words.at(-1) ?? ''
  let command = program
  let awaits: string | undefined
  const args: string[] = []
  const options: Record<string, string> = {}
  for (const word of words.slice(0, -1)) {
    const sub = command.commands.find((one) => one.name() === word)
    const [flag = '', value] = word.split(/=(.*)/s)
    const option = findOption([command, program], flag)
    if (awaits !== undefined) {
      options[awaits] = word
      awaits = undefined
    } else if (option?.required) {
      if (value === undefined) awaits = option.name()
      else options[option.name()] = value
    } else if (args.length === 0 && sub) command = sub
    else if (!word.startsWith('-')) args.push(word)
  }
  return { command, args, options, last, ...(awaits !== undefined && { awaits }) }
}

function findOption(commands: readonly Command[], flag: string): Option | undefined {
  return commands
    .flatMap(({ options }) => options)
    .find(({ short, long }) => flag !== '' && (short === flag || long === flag))
}
