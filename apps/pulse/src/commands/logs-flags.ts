import type { Command } from 'commander'
import { Option } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import type { GlobalFlags } from './context.ts'

export interface LogsFlags extends GlobalFlags {
  readonly namespace?: string
  readonly container?: string
  readonly follow?: boolean
  readonly previous?: boolean
  /** How many of the last lines; absent: all, too. */
  readonly tail?: number | 'all'
}

const noTimes = 'the lines of a log carry no time here; --tail shows the last ones'
const oneLog = 'one log at a time: name a tenant, an environment or a pod'

/** What kubectl has beyond these: whoever is used to it is told why not, rather than that it is unknown. */
const unsupported: Readonly<Record<string, string>> = {
  '--since <duration>': noTimes,
  '--since-time <time>': noTimes,
  '--timestamps': 'the lines of a log carry no time here',
  '-l, --selector <labels>': oneLog,
  '--all-pods': oneLog,
  '--all-containers': 'one container at a time: name it with -c',
  '--prefix': 'there is one log, so its lines need no prefix',
  '--limit-bytes <bytes>': 'not here; --tail shows the last lines',
}

/** The flags of `kubectl logs` that make sense on one machine, under the same names. */
export function addLogsFlags(command: Command): Command {
  command
    .option('-n, --namespace <name>', 'the name is a pod of this namespace')
    .option('-c, --container <name>', 'container, where a pod has several')
    .option('-f, --follow', 'go on until Ctrl-C')
    .option('-p, --previous', 'of the run before the last restart')
    .addOption(
      new Option('--tail <lines>', 'only the last lines; -1 for all').argParser(parseLines),
    )
  for (const [flags, why] of Object.entries(unsupported)) {
    const option = new Option(flags).hideHelp()
    command.addOption(option)
    command.on(`option:${option.name()}`, () => {
      throw new CommandError(`--${option.name()} is not supported: ${why}`, exitCodes.usage)
    })
  }
  return command
}

function parseLines(text: string): number | 'all' {
  if (text === '-1') return 'all'
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new CommandError(`--tail ${text}: a number of lines is expected`, exitCodes.usage)
}
