/** How this command was started, as far as a hint has to say it again. */
export interface Launch {
  /** Through a script of npm: then no `pulse` need be on the PATH. */
  readonly isNpm: boolean
  /** What `--state` was given. */
  readonly state?: string | undefined
}

/** A command line that a person can copy: it works where this one worked, and means the same installation. */
export function commandLine(words: string, { isNpm, state }: Launch): string {
  const program = isNpm ? 'npm run -s pulse --' : 'pulse'
  return [program, ...(state === undefined ? [] : ['--state', quoted(state)]), words].join(' ')
}

function quoted(word: string): string {
  return /^[\w./@%+:,=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
