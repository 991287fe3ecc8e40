import type { Command } from 'commander'
import { version } from '../version.ts'
import type { CommandContext } from './context.ts'

/** `pulse version`. */
export function addVersion(program: Command, context: CommandContext) {
  program
    .command('version')
    .description('print the version of Pulse and of its Node')
    .option('-o, --output <format>', 'json for programs')
    .action(({ output }: { output?: string }) => {
      const facts = { pulse: version, node: process.versions.node }
      context.out.write(
        output === 'json'
          ? `${JSON.stringify(facts)}\n`
          : `pulse ${version} (Node ${facts.node})\n`,
      )
    })
}
