import { type ParseArgsConfig, parseArgs } from 'node:util'

/** What a benchmark is asked for; asked for `--help`, it tells how to ask and ends. */
export function readFlags<const Options extends NonNullable<ParseArgsConfig['options']>>(
  help: string,
  options: Options,
) {
  if (process.argv.includes('--help')) {
    console.log(help)
    process.exit(0)
  }
  return parseArgs({ options }).values
}
