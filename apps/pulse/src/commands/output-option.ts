import { Option } from 'commander'

export interface OutputFlags {
  readonly output: 'text' | 'json'
}

/** `-o json` of commands that do something: what has come of it, for programs. */
export function outputOption(): Option {
  return new Option('-o, --output <format>', 'what to print')
    .choices(['text', 'json'])
    .default('text')
}
