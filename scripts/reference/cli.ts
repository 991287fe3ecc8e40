import { createClientKinds } from '@pulse/api'
import type { Command } from 'commander'
import { createProgram } from '../../apps/pulse/src/commands/program.ts'
import { readConfig } from '../../apps/pulse/src/config.ts'
import { type GeneratedFile, generatedNote } from './generated-file.ts'

/** The help of every command, as it prints it. */
export async function cliReference(): Promise<readonly GeneratedFile[]> {
  const silent = { interactive: false, write: () => {} }
  const program = await createProgram({
    out: silent,
    err: silent,
    kinds: async () => createClientKinds().kinds,
    hint: (words) => `pulse ${words}`,
    signal: new AbortController().signal,
    config: async () => readConfig(),
    connect: () => Promise.reject(new Error('the reference connects to nothing')),
    top: async () => undefined,
    machine: async () => undefined,
    figures: async () => undefined,
  })
  const commands = program.createHelp().visibleCommands(program)
  const sections = commands
    .filter((command) => command.name() !== 'help')
    .flatMap((command) => [section(command), ...command.commands.map(section)])
  const text = `${generatedNote}# The \`pulse\` command

In a checkout: \`npm run -s pulse -- …\`, or \`apps/pulse/bin/pulse …\`. Global options (\`--state\`, \`--http-port\`) may
stand before or after the command.

${sections.join('\n')}`
  return [{ path: 'docs/reference/cli.md', text }]
}

function section(command: Command): string {
  let help = ''
  command.configureOutput({
    writeOut: (piece) => {
      help += piece
    },
    getOutHelpWidth: () => 100,
    getOutHasColors: () => false,
  })
  command.outputHelp()
  const name = command.parent?.parent
    ? `${command.parent.name()} ${command.name()}`
    : command.name()
  return `## pulse ${name}\n\n\`\`\`\n${help.trim()}\n\`\`\`\n`
}
