import { type Command, Option } from 'commander'
import { version } from '../version.ts'
import type { CommandContext } from './context.ts'

/** `pulse version`. */
export function addVersion(program: Command, context: CommandContext) {
  program
    .command('version')
    .description('print the version of Pulse and of its Node')
    .addOption(new Option('-o, --output <format>', 'json for programs').choices(['json']))
    .addHelpText('after', '\nExamples:\n  pulse version\n  pulse version -o json')
    .action(({ output }: { output?: string }) => {
      const facts = { pulse: version, node: process.versions.node }
      context.out.write(
        output === 'json'
          ? `${JSON.stringify(facts)}\n`
          : `pulse ${version} (Node ${facts.node})\n`,
      )
    })
}
